import { describe, expect, it } from 'vitest';
import type { StreamCounters } from '@lanecast/server/core/types';
import { losses, StreamRecord } from './proof.js';

const counters = (decoded: number, more: Partial<StreamCounters> = {}): StreamCounters => ({
  connects: 1,
  packets: decoded * 3,
  packetsLost: 0,
  bytes: 0,
  accessUnits: decoded,
  unitsDamaged: 0,
  decoded,
  decodeErrors: 0,
  decodedOnGpu: 0,
  detected: 0,
  detectedLent: 0,
  framesReplaced: 0,
  ...more,
});

function record(last: Partial<StreamCounters>, state: 'live' | 'stalled' = 'live', atMs = 400): string[] {
  const seen = new StreamRecord();
  seen.saw({ state: 'live', counters: counters(10) }, 0);
  seen.saw({ state: 'live', counters: counters(12) }, 200);
  seen.saw({ state, counters: counters(14, last) }, atMs);
  return losses(seen.proof(), 1000);
}

describe('losses', () => {
  it('finds none where there are none', () => {
    expect(record({})).toEqual([]);
  });

  it.each<[Partial<StreamCounters>, RegExp]>([
    [{ packetsLost: 1 }, /1 packets lost/],
    [{ unitsDamaged: 2 }, /2 units damaged/],
    [{ decodeErrors: 1 }, /1 units not decoded/],
    [{ accessUnits: 19 }, /9 units, but 4 pictures/],
    [{ connects: 2 }, /1 reconnects/],
    [{ packets: 30 }, /received nothing/],
  ])('sees %j', (last, expected) => {
    expect(record(last)).toEqual([expect.stringMatching(expected)]);
  });

  it('sees a stream that was not live, and one that stood still', () => {
    expect(record({}, 'stalled')).toEqual(['not live all the time']);
    expect(record({ decoded: 12, accessUnits: 12 }, 'live', 1500)).toEqual(['no picture for 1300 ms']);
  });
});
