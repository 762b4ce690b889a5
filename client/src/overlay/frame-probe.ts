import type { Match } from './frame-matcher.js';

/** One presented frame and the boxes that were drawn on it: what measurements and tests look at. */
export interface PresentedFrame {
  stream: string;
  video: HTMLVideoElement;
  /** `performance.now()` of the callback. */
  atMs: number;
  metadata: VideoFrameCallbackMetadata & { rtpTimestamp?: number };
  match: Match;
}

export type FrameListener = (frame: PresentedFrame) => void;

/** Tells listeners of every presented frame; costs nothing while nobody listens. */
export class FrameProbe {
  readonly #listeners = new Set<FrameListener>();

  /** Returns the unsubscriber. */
  listen(listener: FrameListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(frame: PresentedFrame): void {
    for (const listener of this.#listeners) listener(frame);
  }
}

export const frameProbe = new FrameProbe();
