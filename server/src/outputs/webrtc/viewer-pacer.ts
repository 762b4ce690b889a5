import type { Clock } from '../../core/clock.js';

/**
 * So many packets go to a viewer at once, and so many a millisecond after that (190 Mbit/s), all its streams together:
 * bursts of whole groups of pictures overflow the viewer's socket (measured with eight at 720p), while a keyframe must
 * not wait.
 */
const BURST_PACKETS = 64;
const PACKETS_PER_MS = 20;
const PACE_MS = 2;
/** What waits is sent within about this time, however much it is: else many large streams would never catch up. */
const MAX_BACKLOG_MS = 400;

/** One stream's packets that wait. */
export interface PacedQueue {
  readonly queuedPackets: number;
  /** Sends the first of them. */
  sendNext(): void;
}

/** Spreads what is sent to one viewer over time; its streams take turns, packet by packet. */
export class ViewerPacer {
  readonly #clock: Clock;
  readonly #waiting: PacedQueue[] = [];
  #turn = 0;
  #budget = BURST_PACKETS;
  #refilledAtMs = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Packets were added to the queue: sends what may go now, and the rest in time. */
  serve(queue: PacedQueue): void {
    if (!this.#waiting.includes(queue)) this.#waiting.push(queue);
    if (!this.#cancel) this.#drain();
  }

  /** What waits is not sent any more. May be called twice. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting.length = 0;
  }

  #drain(): void {
    const now = this.#clock.nowMs();
    const backlog = this.#waiting.reduce((sum, { queuedPackets }) => sum + queuedPackets, 0);
    const perMs = Math.max(PACKETS_PER_MS, backlog / MAX_BACKLOG_MS);
    const full = Math.max(BURST_PACKETS, PACE_MS * perMs);
    this.#budget = Math.min(full, this.#budget + (now - this.#refilledAtMs) * perMs);
    this.#refilledAtMs = now;
    while (this.#waiting.length > 0) {
      if (this.#turn >= this.#waiting.length) this.#turn = 0;
      const queue = this.#waiting[this.#turn]!;
      if (queue.queuedPackets === 0) {
        this.#waiting.splice(this.#turn, 1);
        continue;
      }
      if (this.#budget < 1) break;
      this.#budget--;
      this.#turn++;
      queue.sendNext();
    }
    if (this.#waiting.length === 0) return;
    this.#cancel = this.#clock.after(PACE_MS, () => {
      this.#cancel = null;
      this.#drain();
    });
  }
}
