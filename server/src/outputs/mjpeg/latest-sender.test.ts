import { EventEmitter } from 'node:events';

import { describe, expect, it } from 'vitest';

import { LatestSender } from './latest-sender.js';

/** A socket that is full after `room` writes. */
class Socket extends EventEmitter {
  readonly written: string[] = [];
  room = Infinity;
  writableNeedDrain = false;

  write(chunk: Uint8Array): boolean {
    this.written.push(Buffer.from(chunk).toString());
    this.writableNeedDrain = --this.room <= 0;
    return !this.writableNeedDrain;
  }

  cork(): void {
    this.written.push('[');
  }

  uncork(): void {
    this.written.push(']');
  }

  drain(room: number): void {
    this.room = room;
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

function setUp() {
  const socket = new Socket();
  const clock = { ms: 0 };
  const sender = new LatestSender(
    socket,
    (picture) => [Buffer.from('head'), picture],
    () => clock.ms,
  );
  return { socket, clock, sender };
}

describe('LatestSender', () => {
  it('writes a picture in one go while there is room', () => {
    const { socket, sender } = setUp();
    sender.send(Buffer.from('a'));
    expect(socket.written).toEqual(['[', 'head', 'a', ']']);
    expect([sender.sent, sender.replaced, sender.blockedForMs]).toEqual([1, 0, 0]);
  });

  it('keeps the newest of those that come while the socket is full', () => {
    const { socket, clock, sender } = setUp();
    socket.room = 2;
    for (const name of ['a', 'b', 'c', 'd']) sender.send(Buffer.from(name));
    clock.ms = 700;
    expect(sender.blockedForMs).toBe(700);
    expect(socket.written.join('')).toBe('[heada]');
    expect(sender.replaced).toBe(2);
    socket.drain(2);
    expect(socket.written.join('')).toBe('[heada][headd]');
    expect(sender.blockedForMs).toBe(0);
    socket.drain(9);
    expect(sender.sent).toBe(2);
    sender.send(Buffer.from('e'));
    expect(sender.sent).toBe(3);
  });
});
