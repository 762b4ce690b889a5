import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../core/random.js';
import { KalmanFilter, type Xyah } from './kalman-filter.js';

type Matrix = number[][];
const multiply = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const transpose = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
const diagonal = (values: number[]): Matrix => values.map((v, i) => values.map((_, j) => (i === j ? v : 0)));
const plus = (a: Matrix, b: Matrix, sign = 1): Matrix => a.map((row, i) => row.map((v, j) => v + sign * b[i]![j]!));

/** The filter as textbooks and the papers write it: 8-vector, 8x8 covariance, matrix products. */
class TextbookFilter {
  mean: Matrix;
  covariance: Matrix;

  constructor(measured: Xyah) {
    const h = measured[3];
    this.mean = [...measured, 0, 0, 0, 0].map((value) => [value]);
    const p = (2 * h) / 20;
    const v = (10 * h) / 160;
    this.covariance = diagonal([p, p, 1e-2, p, v, v, 1e-5, v].map((s) => s * s));
  }

  predict(dt: number): void {
    const h = this.mean[3]![0]!;
    const f = diagonal(new Array<number>(8).fill(1));
    for (let i = 0; i < 4; i++) f[i]![i + 4] = dt;
    const stds = [h / 20, h / 20, 1e-2, h / 20, h / 160, h / 160, 1e-5, h / 160];
    this.mean = multiply(f, this.mean);
    this.covariance = plus(multiply(multiply(f, this.covariance), transpose(f)), diagonal(stds.map((s) => dt * s * s)));
  }

  update(measured: Xyah): void {
    const h = this.mean[3]![0]!;
    const observe = diagonal(new Array<number>(8).fill(1)).slice(0, 4);
    const noise = diagonal([h / 20, h / 20, 1e-1, h / 20].map((s) => s * s));
    const s = plus(multiply(multiply(observe, this.covariance), transpose(observe)), noise);
    // The innovation covariance is diagonal here, so its inverse is easy.
    const inverse = diagonal(s.map((row, i) => 1 / row[i]!));
    const gain = multiply(multiply(this.covariance, transpose(observe)), inverse);
    const innovation = plus(
      measured.map((value) => [value]),
      multiply(observe, this.mean),
      -1,
    );
    this.mean = plus(this.mean, multiply(gain, innovation));
    this.covariance = plus(this.covariance, multiply(multiply(gain, s), transpose(gain)), -1);
  }
}

describe('KalmanFilter', () => {
  it('is the 8x8 filter, step for step', () => {
    const random = seededRandom(1);
    const measure = (frame: number): Xyah => [
      100 + 7 * frame + normal(random),
      200 - 3 * frame + normal(random),
      1.5 + 0.02 * normal(random),
      60 + 0.5 * frame + normal(random),
    ];
    const start = measure(0);
    const textbook = new TextbookFilter(start);
    const ours = new KalmanFilter(start);
    for (let frame = 1; frame <= 200; frame++) {
      const dt = frame < 100 ? 1 : 0.25 + 2 * random();
      ours.predict(dt);
      textbook.predict(dt);
      if (random() < 0.7) {
        const measured = measure(frame);
        ours.update(measured);
        textbook.update(measured);
      }
      const mean = textbook.mean.map(([value]) => value!);
      const actual = [ours.centreX, ours.centreY, ours.aspect, ours.height, ours.velocityX, ours.velocityY];
      actual.forEach((value, i) => expect(value).toBeCloseTo(mean[i]!, 8));
    }
  });

  it('learns a velocity in pixels per nominal frame, whatever the steps', () => {
    for (const dt of [0.5, 1, 3]) {
      const filter = new KalmanFilter([0, 0, 1, 50]);
      for (let time = dt; time < 150; time += dt) {
        filter.predict(dt);
        filter.update([4 * time, -2 * time, 1, 50]);
      }
      expect(filter.velocityX).toBeCloseTo(4, 2);
      expect(filter.velocityY).toBeCloseTo(-2, 2);
    }
  });

  it('does not change when nothing is measured in between and the time is the same', () => {
    const once = new KalmanFilter([10, 20, 1, 50]);
    const often = new KalmanFilter([10, 20, 1, 50]);
    for (const filter of [once, often]) {
      filter.predict(1);
      filter.update([14, 22, 1, 50]);
    }
    once.predict(2);
    for (let i = 0; i < 8; i++) often.predict(0.25);
    expect(often.centreX).toBeCloseTo(once.centreX, 10);
    expect(often.centreY).toBeCloseTo(once.centreY, 10);
    // The gain that follows differs only by how velocity noise has leaked into the position meanwhile.
    once.update([30, 20, 1, 50]);
    often.update([30, 20, 1, 50]);
    expect(Math.abs(often.centreX - once.centreX)).toBeLessThan(0.1);
  });

  it('is the same motion after its unit of time has changed', () => {
    const slow = new KalmanFilter([0, 0, 1, 50]);
    const fast = new KalmanFilter([0, 0, 1, 50]);
    for (const filter of [slow, fast]) {
      for (let frame = 1; frame < 20; frame++) {
        filter.predict(1);
        filter.update([5 * frame, frame, 1, 50]);
      }
    }
    fast.rescaleTime(0.5); // twice the frame rate: half the way a frame
    expect(fast.velocityX).toBe(slow.velocityX / 2);
    slow.predict(1);
    fast.predict(2);
    expect(fast.centreX).toBeCloseTo(slow.centreX, 10);
  });

  it('stops growing, but not moving, when it is told to', () => {
    const filter = new KalmanFilter([0, 0, 1, 50]);
    for (let frame = 1; frame < 20; frame++) {
      filter.predict(1);
      filter.update([5 * frame, 0, 1, 50 + 2 * frame]);
    }
    const { height, centreX } = filter;
    filter.stopHeight();
    filter.predict(10);
    expect(filter.height).toBe(height);
    expect(filter.centreX).toBeGreaterThan(centreX + 40);
  });
});
