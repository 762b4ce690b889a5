import type { Match } from './frame-matcher.js';
import type { DrawnPicture } from './renderer.js';

/** One presented frame and the boxes that were drawn on it: what measurements and tests look at. */
export interface PresentedFrame {
  stream: string;
  video: HTMLVideoElement;
  /** `performance.now()` of the callback. */
  atMs: number;
  metadata: VideoFrameCallbackMetadata & { rtpTimestamp?: number };
  match: Match;
}

/** A frame that a renderer has drawn itself, with its boxes; its pixels are on the canvas until the listener returns. */
export interface DrawnFrame extends DrawnPicture {
  stream: string;
  match: Match;
}

export type FrameListener = (frame: PresentedFrame) => void;

/** Tells listeners of every presented frame; costs nothing while nobody listens. */
export class FrameProbe {
  readonly #listeners = new Set<FrameListener>();
  readonly #drawnListeners = new Set<(frame: DrawnFrame) => void>();

  /** Returns the unsubscriber. */
  listen(listener: FrameListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The same for frames that a renderer draws itself. */
  listenDrawn(listener: (frame: DrawnFrame) => void): () => void {
    this.#drawnListeners.add(listener);
    return () => this.#drawnListeners.delete(listener);
  }

  /** What to call when a frame was drawn; nothing while nobody listens. */
  drawnTeller(stream: string, match: Match): ((drawn: DrawnPicture) => void) | undefined {
    if (this.#drawnListeners.size === 0) return undefined;
    return (drawn) => {
      for (const listener of this.#drawnListeners) listener({ stream, match, ...drawn });
    };
  }

  tell(frame: PresentedFrame): void {
    for (const listener of this.#listeners) listener(frame);
  }
}

export const frameProbe = new FrameProbe();
