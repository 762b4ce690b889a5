import { expect, it } from 'vitest';
import { rtpTimestampOf } from '../../core/timeline.js';
import { RecentFrames } from './recent-frames.js';

const FRAME_US = 40_000;
const frameAt = (ptsUs: number) => ({ ptsUs, epoch: 1, receivedAtMs: ptsUs / 1000, width: 640, height: 360 });

it('knows what came, what may still come, what is forgotten, and what never was', () => {
  const frames = new RecentFrames();
  expect(frames.find(1)).toBe('early');
  for (let i = 0; i < 600; i++) frames.add(frameAt(i * FRAME_US));
  expect(frames.find(rtpTimestampOf(599 * FRAME_US))).toMatchObject({ ptsUs: 599 * FRAME_US });
  expect(frames.find(rtpTimestampOf(610 * FRAME_US))).toBe('early');
  expect(frames.find(rtpTimestampOf(100 * FRAME_US))).toBe('stale');
  expect(frames.find(rtpTimestampOf(590.5 * FRAME_US))).toBe('unknown');
  expect(frames.find(rtpTimestampOf(9000 * FRAME_US))).toBe('unknown');
  expect(frames.find(2 ** 31)).toBe('unknown');
});

it('goes on where RTP timestamps wrap', () => {
  const frames = new RecentFrames();
  const beginUs = Math.round((2 ** 32 - 9000) / 0.09);
  for (let i = 0; i < 100; i++) frames.add(frameAt(beginUs + i * FRAME_US));
  expect(frames.find(rtpTimestampOf(beginUs + 50 * FRAME_US))).toMatchObject({ ptsUs: beginUs + 50 * FRAME_US });
  expect(frames.find(rtpTimestampOf(beginUs - FRAME_US))).toBe('stale');
  expect(frames.find(rtpTimestampOf(beginUs + 105 * FRAME_US))).toBe('early');
});

it('takes the number of a frame when it was read', () => {
  const frames = new RecentFrames();
  frames.add(frameAt(FRAME_US));
  frames.setFrameNumber(FRAME_US, 77);
  frames.setFrameNumber(5 * FRAME_US, 78);
  expect(frames.find(rtpTimestampOf(FRAME_US))).toMatchObject({ frameNo: 77 });
});
