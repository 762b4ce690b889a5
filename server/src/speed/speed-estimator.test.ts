import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../core/random.js';
import { ScaleProjection, type GroundProjection } from './ground-projection.js';
import { SpeedEstimator, type Speed } from './speed-estimator.js';

const FRAME_US = 40_000;
const SCALE = new ScaleProjection(0.05);

/** Straight driving: 400 px/s is 20 m/s is 72 km/h. */
const driving = (ptsUs: number) => ({ id: 1, xPx: 100 + 320 * (ptsUs / 1e6), yPx: 50 + 240 * (ptsUs / 1e6) });

/** Runs one track over the given times; the speed after each. */
function run(times: readonly number[], position = driving, estimator = new SpeedEstimator(SCALE)): (Speed | null)[] {
  return times.map((ptsUs) => estimator.update([position(ptsUs)], ptsUs)[0]!);
}

const frames = (count: number, stepUs = FRAME_US): number[] => Array.from({ length: count }, (_, i) => i * stepUs);

describe('SpeedEstimator', () => {
  it('is exact on constant motion', () => {
    const last = run(frames(50)).at(-1)!;
    expect(last.speedKmh).toBeCloseTo(72, 8);
    expect(last.sigmaKmh).toBeLessThan(1e-8);
  });

  it('shows nothing before 5 samples and 0.3 s', () => {
    const speeds = run(frames(12));
    expect(speeds.findIndex((speed) => speed !== null)).toBe(8); // 8 x 40 ms = 320 ms
    expect(run(frames(12, 100_000)).findIndex((speed) => speed !== null)).toBe(4); // the fifth sample
  });

  it('has the same speed whichever frames were dropped, and at uneven intervals', () => {
    const kept = fc.uniqueArray(fc.integer({ min: 0, max: 75 }), { minLength: 30, maxLength: 76 });
    fc.assert(
      fc.property(kept, fc.integer({ min: 0, max: 9_000 }), (indices, jitterUs) => {
        const times = indices.sort((a, b) => a - b).map((i) => i * FRAME_US + (i % 2) * jitterUs);
        for (const speed of run(times)) if (speed) expect(speed.speedKmh).toBeCloseTo(72, 6);
        expect(run(times).some((speed) => speed !== null)).toBe(true);
      }),
    );
  });

  it('works at three frames a second, where a second has too few samples', () => {
    const speeds = run(frames(10, 333_333));
    expect(speeds[3]).toBeNull();
    expect(speeds.slice(4).every((speed) => Math.abs(speed!.speedKmh - 72) < 1e-6)).toBe(true);
  });

  it('follows a change of speed within its window', () => {
    const times = frames(75);
    const speeds = run(times, (ptsUs) => ({ id: 1, xPx: ptsUs < 1e6 ? 0 : 400 * (ptsUs / 1e6 - 1), yPx: 0 }));
    expect(speeds[24]!.speedKmh).toBe(0);
    expect(speeds[63]!.speedKmh).toBeCloseTo(72, 6); // 40 ms after the window has left the standstill
  });

  it('says 0 for a standing vehicle whose box jitters, and gives the jitter as sigma', () => {
    const random = seededRandom(5);
    const speeds = run(frames(2000), () => ({ id: 1, xPx: 500 + normal(random), yPx: 300 + normal(random) })).slice(25);
    expect(speeds.filter((speed) => speed?.speedKmh === 0).length / speeds.length).toBeGreaterThan(0.98);
    for (const speed of speeds) expect(speed!.sigmaKmh).toBeGreaterThan(0.05);
  });

  it('says 0 for a box that creeps, and the speed of a walker', () => {
    expect(run(frames(50), (ptsUs) => ({ id: 1, xPx: ptsUs / 1e6, yPx: 0 })).at(-1)!.speedKmh).toBe(0); // 0.18 km/h
    expect(run(frames(50), (ptsUs) => ({ id: 1, xPx: (20 * ptsUs) / 1e6, yPx: 0 })).at(-1)!.speedKmh).toBeCloseTo(
      3.6,
      6,
    );
  });

  it('says nothing where it cannot tell standing from driving', () => {
    const random = seededRandom(6);
    const speeds = run(frames(300), () => ({ id: 1, xPx: 60 * normal(random), yPx: 60 * normal(random) })).slice(25);
    expect(speeds.filter((speed) => speed === null).length / speeds.length).toBeGreaterThan(0.95);
  });

  it('has errors of the size that it claims', () => {
    const random = seededRandom(7);
    const estimator = new SpeedEstimator(SCALE);
    let squares = 0;
    let claims = 0;
    const trials = 400;
    for (let id = 1; id <= trials; id++) {
      estimator.reset();
      const noisy = (ptsUs: number) => {
        const { xPx, yPx } = driving(ptsUs);
        return { id, xPx: xPx + 1.5 * normal(random), yPx: yPx + 1.5 * normal(random) };
      };
      const { speedKmh, sigmaKmh } = run(frames(26), noisy, estimator).at(-1)!;
      squares += (speedKmh - 72) ** 2;
      claims += sigmaKmh ** 2;
    }
    expect(Math.sqrt(claims / squares)).toBeGreaterThan(0.85);
    expect(Math.sqrt(claims / squares)).toBeLessThan(1.25);
  });

  it('bridges a gap of the timestamps in which the track lived on', () => {
    const times = [...frames(20), ...frames(10).map((t) => t + 1_500_000)];
    for (const speed of run(times)) if (speed) expect(speed.speedKmh).toBeCloseTo(72, 6);
  });

  it('forgets a track that is gone for three seconds, also over a gap', () => {
    const estimator = new SpeedEstimator(SCALE);
    run(frames(25), driving, estimator);
    expect(estimator.trackCount).toBe(1);
    estimator.update([], 24 * FRAME_US + 3_000_000);
    expect(estimator.trackCount).toBe(1);
    estimator.update([], 24 * FRAME_US + 3_000_001);
    expect(estimator.trackCount).toBe(0);

    run(
      frames(25, FRAME_US).map((t) => t + 10e6),
      driving,
      estimator,
    );
    expect(estimator.update([driving(20e6)], 20e6)).toEqual([null]); // nothing of the old samples is left
    expect(estimator.trackCount).toBe(1);
  });

  it('begins anew with an epoch, with timestamps that go back, and with a new calibration', () => {
    const estimator = new SpeedEstimator(SCALE);
    run(frames(25), driving, estimator);
    estimator.reset();
    expect(estimator.trackCount).toBe(0);
    run(frames(25), driving, estimator);
    expect(estimator.update([driving(0)], 0)).toEqual([null]);
    run(frames(25), driving, estimator);
    estimator.projection = new ScaleProjection(0.1);
    const later = frames(25).map((t) => t + 1e6);
    expect(run(later, driving, estimator)[0]).toBeNull();
    expect(estimator.update([driving(3e6)], 3e6)[0]!.speedKmh).toBeCloseTo(144, 6);
  });

  it('keeps the memory of a stream flat: one track for every live id, whatever comes', () => {
    const estimator = new SpeedEstimator(SCALE);
    let most = 0;
    for (let frame = 0; frame < 5_000; frame++) {
      const positions = [0, 1, 2].map((k) => ({ id: 3 * frame + k, xPx: frame, yPx: k }));
      estimator.update(positions, frame * FRAME_US);
      most = Math.max(most, estimator.trackCount);
    }
    expect(most).toBe(3 * 76); // three seconds of them, both ends included
  });

  it('passes over positions that are not on the ground or not numbers, and times that are none', () => {
    const horizon: GroundProjection = {
      project: (xPx, yPx) => [yPx < 100 ? Infinity : xPx * 0.05, yPx * 0.05],
      jacobian: () => SCALE.jacobian(),
    };
    const estimator = new SpeedEstimator(horizon);
    const speeds = run(
      frames(50),
      (ptsUs) => ({ ...driving(ptsUs), yPx: ptsUs % 200_000 === 0 ? 50 : 200 }),
      estimator,
    );
    expect(speeds.at(-1)!.speedKmh).toBeCloseTo(57.6, 6); // only x moves: 16 m/s
    expect(
      estimator.update(
        [
          { id: 1, xPx: NaN, yPx: 200 },
          { id: 2, xPx: NaN, yPx: 0 },
        ],
        2e6,
      )[1],
    ).toBeNull();
    expect(estimator.update([driving(2e6)], NaN)).toEqual([null]);
    expect(estimator.trackCount).toBe(1);
    // Never on the ground again: the track's samples run out and it is forgotten.
    for (let ptsUs = 2.1e6; ptsUs < 6e6; ptsUs += 1e5) estimator.update([{ id: 1, xPx: NaN, yPx: 0 }], ptsUs);
    expect(estimator.trackCount).toBe(0);
  });
});
