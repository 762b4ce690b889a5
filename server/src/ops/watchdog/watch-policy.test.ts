import { describe, expect, it } from 'vitest';
import { type Sample, type WatchAction, type WatchLimits, WatchPolicy } from './watch-policy.js';

const MIB = 2 ** 20;
const LIMITS: WatchLimits = {
  rssWarnBytes: 750 * MIB,
  rssMaxBytes: 1000 * MIB,
  cpuWarnPercent: 150,
  cpuMaxPercent: 190,
  forMs: 30_000,
  graceMs: 10_000,
  startMs: 60_000,
  maxStepMs: 5000,
};
const WELL: Sample = { process: '4711@99', rssBytes: 300 * MIB, cpuPercent: 80, healthy: true };

/** Samples every second; returns `second: what` of each action but the first (the new process). */
function watch(seconds: number, at: (second: number) => Partial<Sample>, limits: Partial<WatchLimits> = {}): string[] {
  const policy = new WatchPolicy({ ...LIMITS, ...limits });
  const told: string[] = [];
  for (let second = 0; second <= seconds; second++) {
    for (const action of policy.observe(second * 1000, { ...WELL, ...at(second) }))
      told.push(`${second}: ${say(action)}`);
  }
  expect(told[0]).toBe('0: new');
  return told.slice(1);
}
const say = (action: WatchAction): string => (action.kind === 'signal' ? action.signal : action.kind);

describe('WatchPolicy', () => {
  it('has nothing to say of a process that is well', () => {
    expect(watch(1000, () => ({}))).toEqual([]);
  });

  it('warns, asks a leaking process to end, and ends it by force', () => {
    // 10 MiB a second: 750 in the 46th, 1000 in the 71st second.
    expect(watch(125, (s) => ({ rssBytes: (300 + 10 * s) * MIB }))).toEqual([
      '46: warn',
      '100: SIGTERM',
      '110: SIGKILL',
      '120: SIGKILL',
    ]);
  });

  it('counts memory from the first second, CPU and health only after the start', () => {
    expect(watch(31, () => ({ rssBytes: 2000 * MIB }))).toEqual(['1: warn', '30: SIGTERM']);
    expect(watch(95, () => ({ cpuPercent: 200 }))).toEqual(['60: warn', '89: SIGTERM']);
    expect(watch(95, (s) => ({ healthy: s < 5 }))).toEqual(['60: warn', '89: SIGTERM']);
  });

  it('never ends a process for its health that has never been seen well: the address may be wrong', () => {
    expect(watch(3600, () => ({ healthy: false }))).toEqual(['60: warn']);
    // From the first good answer on it counts, and for its successor it begins anew.
    expect(watch(200, (s) => ({ healthy: s === 100 }))).toEqual(
      ['60: warn', '101: warn', '130: SIGTERM'].concat([
        '140: SIGKILL',
        '150: SIGKILL',
        '160: SIGKILL',
        '170: SIGKILL',
        '180: SIGKILL',
        '190: SIGKILL',
        '200: SIGKILL',
      ]),
    );
    expect(watch(300, (s) => (s < 90 ? { healthy: true } : { process: '5000@1', healthy: false }))).toEqual([
      '90: new',
      '150: warn',
    ]);
  });

  it('forgives what does not last', () => {
    const told = watch(300, (s) => ({ cpuPercent: s > 100 && s % 25 !== 0 ? 200 : 80 }));
    expect(told.some((line) => line.includes('SIG'))).toBe(false);
    expect(told.filter((line) => line.includes('warn')).length).toBeGreaterThan(5);
  });

  it('does not repeat a warning, and says when all is well', () => {
    expect(watch(300, (s) => ({ rssBytes: (s > 100 && s < 200 ? 800 : 300) * MIB }))).toEqual([
      '101: warn',
      '200: well',
    ]);
  });

  it('does not ask for a health that nobody can tell, or a CPU time that is not known', () => {
    expect(watch(500, () => ({ healthy: null, cpuPercent: null }))).toEqual([]);
  });

  it('leaves limits alone that are not set', () => {
    const none = { rssWarnBytes: null, rssMaxBytes: null, cpuWarnPercent: null, cpuMaxPercent: null };
    expect(watch(500, () => ({ rssBytes: 1e12, cpuPercent: 6400 }), none)).toEqual([]);
  });

  it('sends nothing to a successor for what its predecessor did', () => {
    const told = watch(150, (s) => (s <= 100 ? { rssBytes: 2000 * MIB } : { process: '4711@12345' }));
    // The first got SIGTERM at 30 and SIGKILL from 40 on; the one with the same pid but another begin is left in peace.
    expect(told.at(-1)).toBe('101: new');
    expect(told.filter((line) => Number.parseInt(line) > 101)).toEqual([]);
  });

  it('sends nothing when the process has gone', () => {
    const told = watch(100, (s) => (s < 35 ? { rssBytes: 2000 * MIB } : { process: null, rssBytes: 0 }));
    expect(told).toEqual(['1: warn', '30: SIGTERM', '35: well']);
  });

  it('does not hold its own sleep against the process', () => {
    const policy = new WatchPolicy(LIMITS);
    const over = { ...WELL, rssBytes: 2000 * MIB };
    policy.observe(0, over);
    policy.observe(1000, over);
    expect(policy.observe(3_600_000, over)).toEqual([]);
  });
});
