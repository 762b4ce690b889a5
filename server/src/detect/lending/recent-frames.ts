import { rtpTimestampOf } from '../../core/timeline.js';

/** A frame that the server received, as it is known without decoding it. */
export interface ReceivedFrame {
  ptsUs: number;
  epoch: number;
  /** When its last packet arrived, monotonic. */
  receivedAtMs: number;
  /** Of the picture, pixels. */
  width: number;
  height: number;
  /** The number in its frame counter, where it is read and was read already. */
  frameNo?: number;
}

/** A frame that was not found: it is still to come, it is forgotten, or it never was. */
export type MissingFrame = 'early' | 'stale' | 'unknown';

const CAPACITY = 250;
/** RTP ticks: messages of other threads may overtake each other by so much. */
const EARLY_TICKS = 2 * 90_000;
const STALE_TICKS = 60 * 90_000;

/** The frames of one stream that came lately, by their RTP timestamp. */
export class RecentFrames {
  readonly #frames = new Map<number, ReceivedFrame>();
  #oldest: number | null = null;
  #newest: number | null = null;

  add(frame: ReceivedFrame): void {
    const timestamp = rtpTimestampOf(frame.ptsUs);
    this.#oldest ??= timestamp;
    this.#newest = timestamp;
    this.#frames.set(timestamp, frame);
    if (this.#frames.size <= CAPACITY) return;
    this.#frames.delete(this.#frames.keys().next().value!);
    this.#oldest = this.#frames.keys().next().value!;
  }

  /** The number was read in the picture of an earlier frame. */
  setFrameNumber(ptsUs: number, frameNo: number): void {
    const frame = this.#frames.get(rtpTimestampOf(ptsUs));
    if (frame) frame.frameNo = frameNo;
  }

  find(rtpTimestamp: number): ReceivedFrame | MissingFrame {
    const frame = this.#frames.get(rtpTimestamp);
    if (frame) return frame;
    if (this.#oldest === null || this.#newest === null) return 'early';
    const ahead = (rtpTimestamp - this.#newest) | 0;
    if (ahead > 0) return ahead <= EARLY_TICKS ? 'early' : 'unknown';
    const behind = (this.#oldest - rtpTimestamp) | 0;
    return behind > 0 && behind <= STALE_TICKS ? 'stale' : 'unknown';
  }
}
