import { expect, it } from 'vitest';
import type { ProbedVideo } from './camera-types.js';
import { videoNotes, videoText } from './probe-words.js';

const good: ProbedVideo = {
  codec: 'h264',
  width: 1280,
  height: 720,
  fps: 25.02,
  kbps: 2140,
  packetsLost: 0,
  reordered: false,
  tooLarge: false,
};

it('says in a line what a camera sends', () => {
  expect(videoText(good)).toBe('H.264, 1280×720, 25 fps, 2.1 Mbit/s');
  expect(videoText({ ...good, codec: 'h265', width: null, height: null, fps: null, kbps: null })).toBe('H.265');
});

it('has notes only of what is out of the way', () => {
  expect(videoNotes(good)).toEqual([]);
  expect(videoNotes({ ...good, codec: 'h265', tooLarge: true })).toHaveLength(2);
  expect(videoNotes({ ...good, reordered: true })[0]).toMatch(/B-frames/);
  expect(videoNotes({ ...good, width: null, packetsLost: 3 })).toEqual([
    expect.stringMatching(/keyframe/),
    expect.stringMatching(/^3 packets/),
  ]);
});
