import { expect, it } from 'vitest';
import { checkFrameRate, resolveOptions } from './options.js';

it('derives the threshold of new tracks, as the reference does', () => {
  expect(resolveOptions({})).toMatchObject({ trackThreshold: 0.5, newTrackThreshold: 0.6, lowThreshold: 0.1 });
  expect(resolveOptions({ trackThreshold: 0.7 }).newTrackThreshold).toBeCloseTo(0.8, 12);
  expect(resolveOptions({ trackThreshold: 0.7, newTrackThreshold: 0.7 }).newTrackThreshold).toBe(0.7);
});

it.each([
  { trackThreshold: NaN },
  { lowThreshold: Infinity },
  { matchThreshold: NaN },
  { trackBuffer: -1 },
  { trackBuffer: NaN },
  { frameRate: 0 },
  { frameRate: Infinity },
  { maxDetections: 0 },
  { maxTracks: 1.5 },
])('refuses %o and names it', (options) => {
  const name = Object.keys(options)[0]!;
  expect(() => resolveOptions(options)).toThrow(
    expect.objectContaining({ code: 'track-config', message: expect.stringContaining(name) as string }),
  );
});

it('knows what a frame rate is', () => {
  expect(() => checkFrameRate(29.97)).not.toThrow();
  expect(() => checkFrameRate(-30)).toThrow('frameRate is -30');
});
