import type { Clock } from '../../core/clock.js';
import type { RtpPacket, SequencedRtpPacket } from './rtp-packet.js';
import { ReorderWait } from './reorder-wait.js';
import type { PlacedPacket } from './rtp-sequencer.js';

export interface ReorderBufferOptions {
  /** How long a packet waits for one before it, at least; 0 means that a gap is loss at once (TCP keeps the order). */
  minWaitMs: number;
  /** And at most, where packets come later (`ReorderWait`). */
  maxWaitMs: number;
  /** Packets held while waiting; beyond this the gap is given up. */
  maxPackets: number;
  clock: Clock;
}

interface Waiting {
  packet: RtpPacket;
  arrivedAtMs: number;
}

/**
 * Puts packets into sequence order: one that is next leaves at once, one that is ahead waits a bounded time for those
 * missing before it, longer where they are known to come late. Every gap has that time from when it was noticed, whatever
 * is missing before it. Duplicates, and packets that come after they were given up, are dropped and counted.
 */
export class ReorderBuffer {
  readonly #options: ReorderBufferOptions;
  readonly #emit: (packet: SequencedRtpPacket) => void;
  readonly #waiting = new Map<number, Waiting>();
  /** Sequence numbers given up as lost lately, and when they were missed: to tell a late packet from a duplicate. */
  readonly #givenUp = new Map<number, number>();
  readonly #wait: ReorderWait;
  /** The next extended sequence number to leave; -1 before the first packet. */
  #next = -1;
  #pendingReset = false;
  #cancelTimer: (() => void) | null = null;
  #closed = false;
  #lost = 0;
  #duplicates = 0;
  #late = 0;
  #reordered = 0;

  constructor(options: ReorderBufferOptions, emit: (packet: SequencedRtpPacket) => void) {
    this.#options = options;
    this.#wait = new ReorderWait({ minMs: options.minWaitMs, maxMs: options.maxWaitMs });
    this.#emit = emit;
  }

  /** Packets that did not come in time, by sequence number. */
  get lost(): number {
    return this.#lost;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  /** Packets that came after they had been counted as lost. */
  get late(): number {
    return this.#late;
  }

  /** Packets that came out of order, but in time. */
  get reordered(): number {
    return this.#reordered;
  }

  get heldPackets(): number {
    return this.#waiting.size;
  }

  push(placed: PlacedPacket): void {
    if (this.#closed) return;
    const { packet, extendedSequence } = placed;
    if (placed.reset || this.#next < 0) {
      this.#drainAll();
      this.#next = extendedSequence;
      this.#pendingReset = placed.reset;
      this.#givenUp.clear();
    }
    if (extendedSequence < this.#next) {
      const missedAtMs = this.#givenUp.get(extendedSequence);
      if (missedAtMs === undefined) {
        this.#duplicates++;
        return;
      }
      this.#givenUp.delete(extendedSequence);
      this.#late++;
      this.#cameAfter(missedAtMs);
      return;
    }
    if (this.#waiting.has(extendedSequence)) {
      this.#duplicates++;
      return;
    }
    if (extendedSequence === this.#next) {
      if (this.#waiting.size > 0) {
        this.#reordered++;
        this.#cameAfter(this.#gapNoticedAtMs());
      }
      this.#release(packet, 0);
      this.#drainReady();
      return;
    }
    this.#waiting.set(extendedSequence, { packet, arrivedAtMs: this.#options.clock.nowMs() });
    if (this.#options.maxWaitMs <= 0) this.#giveUpGap();
    else if (this.#waiting.size > this.#options.maxPackets) this.#giveUpGap();
    else this.#startTimer();
  }

  /** Drops what waits. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#stopTimer();
    this.#waiting.clear();
    this.#givenUp.clear();
  }

  #release(packet: RtpPacket, lostBefore: number): void {
    const sourceReset = this.#pendingReset;
    this.#pendingReset = false;
    const extendedSequence = this.#next;
    this.#next++;
    this.#lost += lostBefore;
    this.#emit({ ...packet, extendedSequence, lostBefore, sourceReset });
  }

  /** Hands out what has become next in line, and sees to it that a remaining gap is timed. */
  #drainReady(): void {
    for (;;) {
      const waiting = this.#waiting.get(this.#next);
      if (!waiting) break;
      this.#waiting.delete(this.#next);
      this.#release(waiting.packet, 0);
    }
    this.#stopTimer();
    if (this.#waiting.size > 0) this.#startTimer();
  }

  #giveUpGap(): void {
    if (this.#waiting.size === 0) return;
    let lowest = Infinity;
    for (const sequence of this.#waiting.keys()) lowest = Math.min(lowest, sequence);
    const missing = lowest - this.#next;
    const noticedAtMs = this.#gapNoticedAtMs();
    for (let sequence = Math.max(this.#next, lowest - MAX_REMEMBERED); sequence < lowest; sequence++) {
      this.#remember(sequence, noticedAtMs);
    }
    const { packet } = this.#waiting.get(lowest)!;
    this.#waiting.delete(lowest);
    this.#next = lowest;
    this.#release(packet, missing);
    this.#drainReady();
  }

  #drainAll(): void {
    while (this.#waiting.size > 0) this.#giveUpGap();
    this.#stopTimer();
  }

  #remember(sequence: number, noticedAtMs: number): void {
    this.#givenUp.set(sequence, noticedAtMs);
    if (this.#givenUp.size > MAX_REMEMBERED) {
      const [oldest] = this.#givenUp.keys();
      this.#givenUp.delete(oldest!);
    }
  }

  #cameAfter(missedAtMs: number): void {
    const nowMs = this.#options.clock.nowMs();
    this.#wait.cameAfter(nowMs - missedAtMs, nowMs);
  }

  #startTimer(): void {
    if (this.#cancelTimer) return;
    const waitMs = this.#gapDueMs() - this.#options.clock.nowMs();
    this.#cancelTimer = this.#options.clock.after(Math.max(0, waitMs), () => {
      this.#cancelTimer = null;
      do this.#giveUpGap();
      while (this.#waiting.size > 0 && this.#gapDueMs() <= this.#options.clock.nowMs());
    });
  }

  /** When the gap that everything waits for has had its time. */
  #gapDueMs(): number {
    return this.#gapNoticedAtMs() + this.#wait.currentMs(this.#options.clock.nowMs());
  }

  /** By the first packet that came after it. */
  #gapNoticedAtMs(): number {
    let noticedAtMs = Infinity;
    for (const { arrivedAtMs } of this.#waiting.values()) noticedAtMs = Math.min(noticedAtMs, arrivedAtMs);
    return noticedAtMs;
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}

const MAX_REMEMBERED = 128;
