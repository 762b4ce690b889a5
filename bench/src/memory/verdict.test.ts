import { describe, expect, it } from 'vitest';
import { COUNTED, type MemorySample } from './samples.js';
import { judge } from './verdict.js';

const OPTIONS = { durationS: 3600, blockS: 120, maxSlopePerHour: 5 };
const atRest = { descriptors: 60, threads: 30, handles: 20, timers: 5, guests: 0 };

/** An hour in rounds of two minutes, the last 20 s of each at rest; `leak` says what is added after so many hours. */
function hour(leak: (hours: number) => Partial<MemorySample>, rests = true): MemorySample[] {
  return Array.from({ length: 780 }, (_, i) => {
    const timeS = 5 * i - 300;
    const atRest = rests && ((timeS % 120) + 120) % 120 >= 100;
    const busy = atRest ? 0 : 1;
    const sample: MemorySample = {
      timeS,
      // A sawtooth as collections make it.
      rss: 300 + (i % 7) + 12 * busy,
      rssAnonymous: 250,
      heapUsed: 30,
      heapTotal: 40,
      external: 5,
      arrayBuffers: 2,
      descriptors: 60 + 9 * busy,
      threads: 30,
      handles: 20 + 9 * busy,
      timers: 5 + busy,
      cpu: 0.5,
      viewers: 4 * busy,
      liveStreams: 4,
      guests: 4 * busy,
      atRest,
      collected: rests && ((timeS % 120) + 120) % 120 >= 110,
    };
    const added = leak(timeS / 3600);
    for (const [key, more] of Object.entries(added)) sample[key as 'rss'] += more as number;
    return sample;
  });
}

describe('judge', () => {
  it('finds a server flat that comes back to what it was', () => {
    const { faults, slope, counts } = judge(
      hour(() => ({})),
      OPTIONS,
    );
    expect(faults).toEqual([]);
    expect(slope!.upperPerHour).toBeLessThan(5);
    expect(counts.descriptors).toEqual({ first: 60, last: 60 });
  });

  it('sees a leak of memory', () => {
    const { faults } = judge(
      hour((hours) => ({ rss: 8 * hours })),
      OPTIONS,
    );
    expect(faults).toEqual([expect.stringMatching(/memory may grow by \d+\.\d+ MiB an hour/)]);
  });

  it('does not take the warm-up for a leak', () => {
    const warming = hour((hours) => ({ rss: hours < 0 ? 600 * hours : 0 }));
    expect(judge(warming, OPTIONS).faults).toEqual([]);
  });

  it.each(COUNTED)('sees two of %s an hour lost, and of timers six', (name) => {
    const each = name === 'timers' ? 6 : 2;
    const { faults } = judge(
      hour((hours) => ({ [name]: Math.max(0, Math.floor(each * hours)) })),
      OPTIONS,
    );
    expect(faults).toEqual([
      `${name} grew from ${atRest[name]} to ${atRest[name] + Math.floor(each * (2 / 3 + 0.02))} with nobody watching`,
    ]);
  });

  it('does not call flat what it could not see', () => {
    const { faults } = judge(
      hour(() => ({}), false),
      OPTIONS,
    );
    expect(faults).toHaveLength(COUNTED.length + 1);
    const short = hour(() => ({})).filter(({ timeS }) => timeS < 600);
    expect(judge(short, { ...OPTIONS, durationS: 600 }).faults).toEqual([expect.stringMatching(/too shortly/)]);
    expect(judge(short, { ...OPTIONS, durationS: 600, maxSlopePerHour: null }).faults).toEqual([]);
  });
});
