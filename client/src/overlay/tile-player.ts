import type { Match } from './frame-matcher.js';
import { frameProbe } from './frame-probe.js';
import { PtsEstimator } from './pts-estimator.js';
import type { OverlayStyle, TileRenderer } from './renderer.js';
import type { StreamFeed } from './stream-feed.js';

/** Draws on every presented frame of a `<video>` the boxes that belong to it. */
export class TilePlayer {
  readonly #video: HTMLVideoElement;
  readonly #feed: StreamFeed;
  readonly #renderer: TileRenderer;
  readonly #style: () => OverlayStyle;
  readonly #estimator = new PtsEstimator();
  #callback = 0;
  #lastPresentedCount = 0;
  #closed = false;

  constructor(video: HTMLVideoElement, feed: StreamFeed, renderer: TileRenderer, style: () => OverlayStyle) {
    this.#video = video;
    this.#feed = feed;
    this.#renderer = renderer;
    this.#style = style;
    this.#next();
  }

  /** The next frames come from another source. */
  restart(): void {
    this.#estimator.reset();
    this.#lastPresentedCount = 0;
    this.#renderer.clear();
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    this.#video.cancelVideoFrameCallback(this.#callback);
    this.#renderer.close();
  }

  #next(): void {
    this.#callback = this.#video.requestVideoFrameCallback((nowMs, metadata) => {
      if (this.#closed) return;
      this.#next();
      this.#present(nowMs, metadata);
    });
  }

  #present(nowMs: number, metadata: VideoFrameCallbackMetadata & { rtpTimestamp?: number }): void {
    const { trails, exactness } = this.#feed;
    const match = this.#match(metadata);
    const { ptsUs } = match;
    const trail = (track: { id: number }) => (ptsUs === null ? [] : trails.until(track.id, ptsUs));
    this.#renderer.draw({ match, trail, style: this.#style() });
    const { rtpTimestamp = match.kind === 'exact' ? match.message?.rtpTimestamp : undefined } = metadata;
    if (rtpTimestamp !== undefined)
      this.#feed.shown(rtpTimestamp, performance.timeOrigin + metadata.expectedDisplayTime);
    const missed = this.#lastPresentedCount > 0 ? metadata.presentedFrames - this.#lastPresentedCount - 1 : 0;
    this.#lastPresentedCount = metadata.presentedFrames;
    exactness.add(match, Math.max(0, missed));
    this.#feed.presented += 1 + Math.max(0, missed);
    this.#feed.lastPresentedMs = nowMs;
    frameProbe.tell({ stream: this.#feed.id, video: this.#video, atMs: nowMs, metadata, match });
  }

  #match({ rtpTimestamp, mediaTime, presentationTime }: VideoFrameCallbackMetadata & { rtpTimestamp?: number }): Match {
    const { matcher } = this.#feed;
    if (rtpTimestamp !== undefined) return matcher.match(rtpTimestamp);
    const { newest } = matcher;
    if (!newest) return matcher.matchNearest(0);
    const frame = { mediaTimeS: mediaTime, presentedAtMs: presentationTime, played: this.#feed.played() };
    return matcher.matchNearest(this.#estimator.observe(frame, newest));
  }
}
