import type { ClockOffset } from '../connection/clock-offset.js';
import { ExactnessMeter } from './exactness.js';
import { FrameMatcher } from './frame-matcher.js';
import type { FrameMessage } from './frame-message.js';
import type { PlayedFrame } from './pts-estimator.js';
import { Trails } from './trails.js';

const RESTART_US = 10_000_000;
const LATENCIES = 25;
const AWAITING = 50;

/** All that the page knows of one stream's frames. Not reactive: it changes with every frame. */
export class StreamFeed {
  readonly id: string;
  readonly matcher = new FrameMatcher();
  readonly trails = new Trails();
  readonly exactness = new ExactnessMeter();
  /** Frames shown since the start. */
  presented = 0;
  /** When the last frame was shown (`performance.now()`); -Infinity before the first. */
  lastPresentedMs = -Infinity;
  /** When the last message came. */
  lastMessageMs = -Infinity;
  messages = 0;
  /** The frame that the receiver last gave to its video; null: unknown. */
  played: () => PlayedFrame | null = () => null;
  readonly #clock: Pick<ClockOffset, 'offsetMs'>;
  readonly #latenciesMs: number[] = [];
  /** When frames were shown whose message had not come, by RTP timestamp. */
  readonly #awaiting = new Map<number, number>();

  constructor(id: string, clock: Pick<ClockOffset, 'offsetMs'>) {
    this.#clock = clock;
    this.id = id;
  }

  add(message: FrameMessage): void {
    const { newest } = this.matcher;
    // A time far before what is known: the server began anew, and so do its clocks.
    if (newest && message.ptsUs < newest.ptsUs - RESTART_US) this.reset();
    this.matcher.add(message);
    this.trails.add(message);
    const shownEpochMs = this.#awaiting.get(message.rtpTimestamp);
    if (shownEpochMs !== undefined) this.#measure(message, shownEpochMs);
    this.#awaiting.delete(message.rtpTimestamp);
    this.messages++;
    this.lastMessageMs = performance.now();
  }

  /**
   * From the server's receiving a frame to its showing here: the median of the last frames that have a message; null while
   * it is not known, or the clocks are known too badly: nothing is shown before it came.
   */
  get latencyMs(): number | null {
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? null;
    return median !== null && median < 0 ? null : median;
  }

  /**
   * The frame with this RTP timestamp is shown at `shownEpochMs`, on this page's wall clock. Its message may be there, or
   * come later (in "fastest" mode always).
   */
  shown(rtpTimestamp: number, shownEpochMs: number): void {
    const message = this.matcher.find(rtpTimestamp);
    if (message) this.#measure(message, shownEpochMs);
    else {
      this.#awaiting.set(rtpTimestamp, shownEpochMs);
      if (this.#awaiting.size > AWAITING) this.#awaiting.delete(this.#awaiting.keys().next().value!);
    }
  }

  #measure({ arrivedAtEpochMs }: FrameMessage, shownEpochMs: number): void {
    const { offsetMs } = this.#clock;
    if (arrivedAtEpochMs === null || offsetMs === null) return;
    this.#latenciesMs.push(shownEpochMs + offsetMs - arrivedAtEpochMs);
    if (this.#latenciesMs.length > LATENCIES) this.#latenciesMs.shift();
  }

  reset(): void {
    this.matcher.clear();
    this.trails.clear();
    this.#awaiting.clear();
  }
}
