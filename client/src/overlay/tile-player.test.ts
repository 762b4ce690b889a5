import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FrameTrack } from './frame-message.js';
import { frameProbe, type PresentedFrame } from './frame-probe.js';
import type { FrameInHand, OverlayScene, TileRenderer } from './renderer.js';
import { StreamFeed } from './stream-feed.js';
import { TilePlayer } from './tile-player.js';

/** What the video shows; null: nothing that can be taken. */
let onScreen: { rtpTimestamp?: number; timestamp: number } | null = null;

class FakeVideoFrame {
  readonly timestamp: number;
  readonly #rtpTimestamp: number | undefined;
  isClosed = false;
  constructor() {
    if (!onScreen) throw new Error('no frame');
    this.timestamp = onScreen.timestamp;
    this.#rtpTimestamp = onScreen.rtpTimestamp;
  }
  metadata(): object {
    return { rtpTimestamp: this.#rtpTimestamp };
  }
  close(): void {
    this.isClosed = true;
  }
}

class FakeVideo {
  readyState = 4;
  callback: VideoFrameRequestCallback | null = null;
  requestVideoFrameCallback(callback: VideoFrameRequestCallback): number {
    this.callback = callback;
    return 1;
  }
  cancelVideoFrameCallback(): void {
    this.callback = null;
  }
  present(rtpTimestamp: number, presentedFrames: number): void {
    const metadata = { rtpTimestamp, mediaTime: rtpTimestamp / 90_000, presentedFrames, expectedDisplayTime: 0 };
    this.callback!(0, metadata as unknown as VideoFrameCallbackMetadata);
  }
}

class FakeRenderer implements TileRenderer {
  readonly drawsVideo: boolean;
  readonly drawn: { scene: OverlayScene; frame: FrameInHand | undefined }[] = [];
  readonly failures: unknown[] = [];
  onStale: (() => void) | null = null;
  constructor(drawsVideo: boolean) {
    this.drawsVideo = drawsVideo;
  }
  resize(): void {}
  draw(scene: OverlayScene, frame?: FrameInHand): void {
    this.drawn.push({ scene, frame });
  }
  frameFailed(error: unknown): void {
    this.failures.push(error);
  }
  clear(): void {}
  close(): void {}
}

const track = { id: 1, className: 'car', measured: true } as FrameTrack;

function setUp(drawsVideo: boolean) {
  const feed = new StreamFeed('a', { offsetMs: 0 });
  for (const rtpTimestamp of [9000, 12600])
    feed.add({
      ...{ rtpTimestamp, ptsUs: rtpTimestamp / 0.09, epoch: 1, width: 640, height: 360 },
      ...{ frameNo: null, arrivedAtEpochMs: null, tracks: [track] },
    });
  const video = new FakeVideo();
  const renderer = new FakeRenderer(drawsVideo);
  const style = { labels: true, trails: true };
  const player = new TilePlayer(video as unknown as HTMLVideoElement, feed, renderer, () => style);
  return { feed, video, renderer, player };
}

beforeEach(() => {
  vi.stubGlobal('VideoFrame', FakeVideoFrame);
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
});
afterEach(() => {
  onScreen = null;
  vi.unstubAllGlobals();
});

test('an overlay alone is matched by what the callback says', () => {
  const { video, renderer } = setUp(false);
  onScreen = { rtpTimestamp: 12600, timestamp: 140_000 };
  video.present(9000, 1);
  expect(renderer.drawn[0]!.scene.match.message?.rtpTimestamp).toBe(9000);
  expect(renderer.drawn[0]!.frame).toBeUndefined();
});

test('a frame in hand gets its own boxes, though the callback spoke of another frame', () => {
  const { video, renderer } = setUp(true);
  const told: PresentedFrame[] = [];
  const stop = frameProbe.listen((frame) => told.push(frame));
  onScreen = { rtpTimestamp: 12600, timestamp: 140_000 };
  video.present(9000, 1);
  stop();
  expect(renderer.drawn[0]!.scene.match).toMatchObject({ kind: 'exact', message: { rtpTimestamp: 12600 } });
  expect(renderer.drawn[0]!.frame).toBeDefined();
  expect(told[0]!.metadata.rtpTimestamp).toBe(12600);
});

test('without RTP timestamps the media time of the frame in hand counts', () => {
  const { video, renderer } = setUp(true);
  onScreen = { timestamp: 140_000 };
  video.callback!(0, { mediaTime: 0.1, presentedFrames: 1, expectedDisplayTime: 0 } as VideoFrameCallbackMetadata);
  expect(renderer.drawn[0]!.scene.match).toMatchObject({ byTimestamp: false, message: { rtpTimestamp: 12600 } });
});

test('a frame that cannot be had is told, not counted', () => {
  const { video, renderer, feed } = setUp(true);
  video.present(9000, 1);
  expect(renderer.failures.length).toBe(1);
  expect(renderer.drawn.length).toBe(0);
  expect(feed.presented).toBe(0);
});

test('a new layout gets the frame on screen again, and counts nothing', () => {
  const { renderer, feed, video } = setUp(true);
  onScreen = { rtpTimestamp: 9000, timestamp: 100_000 };
  renderer.onStale!();
  expect(renderer.drawn[0]!.scene.match.message?.rtpTimestamp).toBe(9000);
  expect(feed.presented).toBe(0);
  onScreen = null;
  renderer.onStale!();
  video.readyState = 1;
  renderer.onStale!();
  expect(renderer.drawn.length).toBe(1);
  expect(renderer.failures.length).toBe(0);
});
