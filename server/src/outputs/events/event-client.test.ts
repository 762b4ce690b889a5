import { EventEmitter } from 'node:events';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EventClient } from './event-client.js';

class Socket extends EventEmitter {
  readonly written: string[] = [];
  room = 0;
  destroyed = false;
  ended = false;

  get writableNeedDrain(): boolean {
    return this.room <= 0;
  }

  write(chunk: Uint8Array): boolean {
    this.written.push(Buffer.from(chunk).toString());
    this.room--;
    return this.room > 0;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  drain(room: number): void {
    this.room = room;
    this.emit('drain');
  }
}

describe('EventClient', () => {
  it('keeps one event per stream while the socket is full, the newest', () => {
    const socket = new Socket();
    const client = new EventClient(socket, () => 0);
    for (const name of ['a1', 'b1', 'a2', 'a3', 'b2']) client.send(name[0]!, Buffer.from(name));
    expect([client.pending, client.replaced, client.sent]).toEqual([2, 3, 0]);
    socket.drain(1);
    expect(socket.written).toEqual(['a3']);
    socket.drain(5);
    expect(socket.written).toEqual(['a3', 'b2']);
    client.send('a', Buffer.from('a4'));
    expect(socket.written).toEqual(['a3', 'b2', 'a4']);
  });

  it('says why it ends, after what was sent, and not what was waiting', () => {
    const socket = new Socket();
    const client = new EventClient(socket, () => 0);
    client.send('a', Buffer.from('a1'));
    client.end('stream-removed', 'a is gone');
    expect(socket.written).toEqual(['event: end\ndata: {"code":"stream-removed","message":"a is gone"}\n\n']);
    expect([client.pending, socket.ended, socket.destroyed]).toEqual([0, true, false]);
  });

  it('sends no heartbeat to a client that is behind', () => {
    const socket = new Socket();
    const client = new EventClient(socket, () => 0);
    client.heartbeat();
    expect(socket.written).toEqual([]);
    socket.room = 2;
    client.heartbeat();
    expect(socket.written).toEqual([': keep-alive\n\n']);
  });

  it('measures how long it has been behind', () => {
    const socket = new Socket();
    const clock = { ms: 5 };
    const client = new EventClient(socket, () => clock.ms);
    client.send('a', Buffer.from('a'));
    clock.ms = 105;
    expect(client.blockedForMs).toBe(100);
    socket.drain(3);
    expect(client.blockedForMs).toBe(0);
    client.close();
    expect(socket.destroyed).toBe(true);
  });

  it('never holds more than one event per stream, loses none silently, and keeps each stream in order', () => {
    const step = fc.oneof(
      fc.record({ stream: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ drain: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const socket = new Socket();
        const client = new EventClient(socket, () => 0);
        let events = 0;
        for (const each of steps) {
          if ('stream' in each)
            client.send(each.stream, Buffer.from(`${each.stream}${String(events++).padStart(3, '0')}`));
          else socket.drain(each.drain);
          expect(client.pending).toBeLessThanOrEqual(3);
        }
        expect(client.sent + client.pending + client.replaced).toBe(events);
        for (const stream of ['a', 'b', 'c']) {
          const sent = socket.written.filter((text) => text.startsWith(stream));
          expect(sent).toEqual([...sent].sort());
        }
      }),
    );
  });
});
