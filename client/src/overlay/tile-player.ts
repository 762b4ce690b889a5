import { type TakenFrame, takeFrame } from './frame-in-hand.js';
import type { Match } from './frame-matcher.js';
import { frameProbe } from './frame-probe.js';
import { PtsEstimator } from './pts-estimator.js';
import type { OverlayScene, OverlayStyle, TileRenderer } from './renderer.js';
import type { StreamFeed } from './stream-feed.js';

type Metadata = VideoFrameCallbackMetadata & { rtpTimestamp?: number };
type FrameTimes = Pick<Metadata, 'rtpTimestamp' | 'mediaTime' | 'presentationTime'>;

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
    if (renderer.drawsVideo) renderer.onStale = () => this.#redraw();
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

  #present(nowMs: number, announced: Metadata): void {
    let metadata = announced;
    let taken: TakenFrame | null = null;
    if (this.#renderer.drawsVideo) {
      try {
        taken = takeFrame(this.#video);
      } catch (error) {
        this.#renderer.frameFailed?.(error);
        return;
      }
      const { rtpTimestamp, mediaTimeS } = taken;
      metadata = { ...announced, mediaTime: mediaTimeS, ...(rtpTimestamp !== undefined && { rtpTimestamp }) };
    }
    const match = this.#match(metadata);
    this.#draw(match, taken);
    const { rtpTimestamp = match.kind === 'exact' ? match.message?.rtpTimestamp : undefined } = metadata;
    if (rtpTimestamp !== undefined)
      this.#feed.shown(rtpTimestamp, performance.timeOrigin + metadata.expectedDisplayTime);
    const missed = this.#lastPresentedCount > 0 ? metadata.presentedFrames - this.#lastPresentedCount - 1 : 0;
    this.#lastPresentedCount = metadata.presentedFrames;
    this.#feed.exactness.add(match, Math.max(0, missed));
    this.#feed.presented += 1 + Math.max(0, missed);
    this.#feed.lastPresentedMs = nowMs;
    frameProbe.tell({ stream: this.#feed.id, video: this.#video, atMs: nowMs, metadata, match });
  }

  /** The same frame again, or the one after it, at another place; no frame is counted. */
  #redraw(): void {
    if (this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    try {
      const taken = takeFrame(this.#video);
      const { rtpTimestamp, mediaTimeS: mediaTime } = taken;
      const times = { mediaTime, presentationTime: performance.now() };
      this.#draw(this.#match(rtpTimestamp === undefined ? times : { ...times, rtpTimestamp }), taken);
    } catch {
      // There is no frame (any more): nothing to draw.
    }
  }

  #match({ rtpTimestamp, mediaTime, presentationTime }: FrameTimes): Match {
    const { matcher } = this.#feed;
    if (rtpTimestamp !== undefined) return matcher.match(rtpTimestamp);
    const { newest } = matcher;
    if (!newest) return matcher.matchNearest(0);
    const frame = { mediaTimeS: mediaTime, presentedAtMs: presentationTime, played: this.#feed.played() };
    return matcher.matchNearest(this.#estimator.observe(frame, newest));
  }

  #draw(match: Match, taken: TakenFrame | null): void {
    const { trails, id } = this.#feed;
    const { ptsUs } = match;
    const scene: OverlayScene = {
      match,
      trail: (track) => (ptsUs === null ? [] : trails.until(track.id, ptsUs)),
      style: this.#style(),
    };
    if (!taken) this.#renderer.draw(scene);
    else {
      const onDrawn = frameProbe.drawnTeller(id, match);
      this.#renderer.draw(scene, { video: taken.video, ...(onDrawn && { onDrawn }) });
    }
  }
}
