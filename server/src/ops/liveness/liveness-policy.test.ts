import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StageSign } from '../../core/pulse.js';
import { LIVENESS_LIMITS, LivenessPolicy } from './liveness-policy.js';

const LIMITS = { stallMs: 10_000, patientStallMs: 60_000, maxStepMs: 2000 };

/** Looks every second, `seconds` times; `at` gives the signs of each second. Returns the seconds that were not alive. */
function watch(seconds: number, at: (second: number) => Partial<StageSign>[], policy = new LivenessPolicy(LIMITS)) {
  const dead: number[] = [];
  for (let second = 0; second <= seconds; second++) {
    const signs = at(second).map((sign, i) => ({ name: `s${i}`, input: null, output: 0, patient: false, ...sign }));
    if (policy.observe(second * 1000, signs).some(({ alive }) => !alive)) dead.push(second);
  }
  return dead;
}

describe('LivenessPolicy', () => {
  it('is content with stages that go on', () => {
    expect(watch(100, (s) => [{ output: s }, { input: 25 * s, output: 20 * s }])).toEqual([]);
  });

  it('tells of a worker that no longer answers, after the time that it may take', () => {
    expect(watch(40, (s) => [{ output: Math.min(s, 20) }])[0]).toBe(31);
  });

  it('tells of a detector that gets frames and gives none', () => {
    expect(watch(40, (s) => [{ input: 25 * s, output: Math.min(s, 20) }])[0]).toBe(31);
  });

  it('is alive again with the first progress', () => {
    expect(watch(60, (s) => [{ output: s < 20 ? 0 : s }])).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('holds nothing against a stage that another of its name did', () => {
    // Cameras come and go: each second a new worker, whose beats begin where the last one's did.
    expect(watch(100, (s) => [{ life: s, output: 3 }])).toEqual([]);
    expect(watch(100, () => [{ life: 7, output: 3 }])[0]).toBe(11);
  });

  it('never blames a stage for dead cameras: no input, no stall', () => {
    expect(watch(100_000, () => [{ input: 4711, output: 4000 }])).toEqual([]);
  });

  it('does not forget a hang because the camera paused', () => {
    // Frames for 8 s, none for 60 s, frames again: the detector has given nothing all the time.
    const input = (s: number): number => (s < 8 ? s : s < 68 ? 8 : s - 60);
    expect(watch(100, (s) => [{ input: input(s), output: 0 }])[0]).toBe(71);
  });

  it('waits longer for a GPU that starts, but not for ever', () => {
    expect(watch(70, () => [{ patient: true }])[0]).toBe(61);
    expect(watch(55, () => [{ patient: true }])).toEqual([]);
  });

  it('gives the whole ordinary time after the patience ended', () => {
    expect(watch(80, (s) => [{ patient: s < 50 }])[0]).toBe(60);
  });

  it('sees through a detector that starts, fails, and starts again', () => {
    // Every 20 s: 18 s of starting, then 2 s of failing.
    expect(watch(100, (s) => [{ input: 25 * s, patient: s % 20 < 18 }])[0]).toBe(67);
  });

  it('does not take its own absence for theirs', () => {
    const policy = new LivenessPolicy(LIMITS);
    const sign: StageSign = { name: 'ingest', input: null, output: 5, patient: false };
    policy.observe(0, [sign]);
    // The process was stopped for an hour; the worker has not yet had time for a beat.
    expect(policy.observe(3_600_000, [sign])[0]).toEqual({ name: 'ingest', stalledMs: 2000, alive: true });
  });

  it('takes a clock that stands or runs back for no time at all', () => {
    const policy = new LivenessPolicy(LIMITS);
    const sign: StageSign = { name: 'ingest', input: null, output: 5, patient: false };
    for (const nowMs of [50_000, 40_000, 40_000]) policy.observe(nowMs, [sign]);
    expect(policy.health()[0]?.stalledMs).toBe(0);
  });

  it('forgets stages that are gone, and begins anew with one of the same name', () => {
    const policy = new LivenessPolicy(LIMITS);
    watch(30, () => [{}], policy);
    expect(policy.observe(31_000, [])).toEqual([]);
    expect(policy.observe(32_000, [{ name: 's0', input: null, output: 0, patient: false }])[0]?.alive).toBe(true);
  });

  it('takes a total that falls (a stream was removed) for no input', () => {
    expect(watch(100, (s) => [{ input: 1000 - s, output: 0 }])).toEqual([]);
  });

  it('never calls a stage dead that made progress within the time', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ stepMs: fc.nat(5000), fed: fc.boolean(), went: fc.boolean() })), (steps) => {
        const policy = new LivenessPolicy();
        let [nowMs, input, output, lastMs] = [0, 0, 0, 0];
        policy.observe(nowMs, [{ name: 'x', input, output, patient: false }]);
        for (const { stepMs, fed, went } of steps) {
          nowMs += stepMs;
          if (fed) input++;
          if (went) output++;
          if (went) lastMs = nowMs;
          const [health] = policy.observe(nowMs, [{ name: 'x', input, output, patient: false }]);
          if (nowMs - lastMs <= LIVENESS_LIMITS.stallMs) expect(health!.alive).toBe(true);
        }
      }),
    );
  });
});
