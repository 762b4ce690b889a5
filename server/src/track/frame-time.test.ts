import { describe, expect, it } from 'vitest';
import { FrameTime } from './frame-time.js';

describe('FrameTime', () => {
  it.each([15, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60])('takes a constant %d fps as whole frames', (frameRate) => {
    const time = new FrameTime(frameRate, 30);
    const asUs = (frame: number): number => Math.round((frame * 1e6) / frameRate);
    const asTicks = (frame: number): number => Math.round((Math.round((frame * 90_000) / frameRate) * 1e6) / 90_000);
    for (let frame = 0; frame < 400; frame++) {
      for (const at of [asUs, asTicks]) {
        expect(time.framesOf(at(frame + 1) - at(frame))).toBe(1);
        expect(time.framesOf(at(frame + 3) - at(frame))).toBe(3);
      }
    }
  });

  it('takes uneven steps as they are', () => {
    const time = new FrameTime(25, 30);
    expect(time.framesOf(50_000)).toBe(1.25);
    expect(time.framesOf(10_000)).toBe(0.25);
    expect(time.framesOf(1)).toBe(0.000025);
    expect(time.framesOf(0)).toBe(0);
  });

  it.each([
    [30, 30],
    [25, 30],
    [29.97, 30],
    [60, 7],
    [15, 60],
    [7.5, 30],
    [30, 0],
  ])('ages at %d fps and a buffer of %d as counting frames does', (frameRate, trackBuffer) => {
    const time = new FrameTime(frameRate, trackBuffer);
    const kept = Math.trunc((frameRate / 30) * trackBuffer);
    const asUs = (frame: number): number => Math.round((frame * 1e6) / frameRate);
    for (let seen = 0; seen < 100; seen++) {
      for (let age = 0; age <= kept + 4; age++) {
        const ageUs = asUs(seen + age) - asUs(seen);
        expect(ageUs > time.expiryUs).toBe(age > kept);
        expect(ageUs > time.forgetUs).toBe(age > kept + 2);
      }
    }
  });

  it('has durations in whole microseconds', () => {
    const { expiryUs, forgetUs, halfIntervalUs } = new FrameTime(29.97, 31);
    for (const duration of [expiryUs, forgetUs, halfIntervalUs]) expect(Number.isInteger(duration)).toBe(true);
  });
});
