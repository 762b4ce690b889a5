import { describe, expect, it } from 'vitest';
import { Faults } from './faults.js';
import type { PacketContext, PacketFilter } from './mount.js';
import type { RtspServer } from './server.js';

function packet(sequence: number, timestamp: number, payload: number[], payloadType = 96): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(0xcafe, 8);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function setUp() {
  const filters = new Map<string, PacketFilter>();
  const server = {
    setFilter: (path: string, filter: PacketFilter | undefined) =>
      filter === undefined ? filters.delete(path) : filters.set(path, filter),
  } as unknown as RtspServer;
  const delivered: Buffer[] = [];
  const send = (path: string, sent: Buffer, kind: PacketContext['kind'] = 'rtp'): Buffer | null => {
    const context = { kind, deliver: (late: Buffer) => delivered.push(late) } as unknown as PacketContext;
    const filter = filters.get(path);
    return filter === undefined ? sent : filter(sent, context);
  };
  return { faults: new Faults(server), send, delivered };
}

describe('Faults', () => {
  it('shifts timestamps, also below zero, and leaves the original alone', () => {
    const { faults, send } = setUp();
    faults.shiftTimestamps('a', -900_000);
    const original = packet(1, 100, [5]);
    expect(send('a', original)!.readUInt32BE(4)).toBe(2 ** 32 - 899_900);
    expect(original.readUInt32BE(4)).toBe(100);
    faults.clear('a');
    expect(send('a', original)).toBe(original);
  });

  it('lets timestamps wrap soon', () => {
    const { faults, send } = setUp();
    faults.wrapTimestamps('a', 3000);
    const stamps = [0, 3000, 6000].map((tick) => send('a', packet(1, 77 + tick, [5]))!.readUInt32BE(4));
    expect(stamps).toEqual([2 ** 32 - 3000, 0, 3000]);
  });

  it('lets packets overtake one another', async () => {
    const { faults, send, delivered } = setUp();
    const waits = [0.9, 0.1];
    faults.jitter('a', 40, () => waits.shift()!);
    expect([send('a', packet(1, 0, [1])), send('a', packet(2, 0, [2]))]).toEqual([null, null]);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(delivered.map((each) => each.readUInt16BE(2))).toEqual([2, 1]);
  });

  it("puts another path's payloads in the place of a path's own", () => {
    const { faults, send, delivered } = setUp();
    faults.splice('a', 'b');
    expect(send('a', packet(65_534, 1000, [1]))).toBeNull();
    const theirs = packet(7, 5000, [9, 9], 0x80 | 97);
    expect(send('b', theirs)).toBe(theirs);
    send('b', packet(8, 8000, [8], 97));
    expect(delivered).toHaveLength(2);
    expect(delivered.map((each) => [each[1], each.readUInt16BE(2), each.readUInt32BE(4)])).toEqual([
      [0x80 | 96, 65_535, 1000],
      [96, 0, 4000],
    ]);
    expect([...delivered[0]!.subarray(8)]).toEqual([0, 0, 0xca, 0xfe, 9, 9]);
  });
});
