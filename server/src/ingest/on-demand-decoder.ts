import type { Clock } from '../core/clock.js';

/** What a decoder needs of an access unit. */
export interface CodedUnit {
  data: Uint8Array;
  ptsUs: number;
  isKeyframe: boolean;
  receivedAtMs: number;
}

export interface OnDemandDecoderOptions {
  clock: Clock;
  /** Returns false if the decoder refused the unit. */
  decode: (unit: CodedUnit) => boolean;
  /** Whether anybody wants the pictures. */
  wanted: () => boolean;
  /** Called when decoding pauses. */
  onPause: () => void;
}

/** A group of pictures beyond this is decoded after all, since catching up with it would take too long. */
const MAX_UNITS = 300;
const MAX_BYTES = 8 << 20;
/** Units are decoded in a row for so long, before the other streams of the thread get their turn. */
const SLICE_MS = 8;

/**
 * Decodes a stream while somebody wants its pictures. While nobody does, the units since the last keyframe are kept, so
 * that decoding can take up what it left out at once instead of waiting for the next keyframe. It pauses at keyframes only.
 */
export class OnDemandDecoder {
  readonly #options: OnDemandDecoderOptions;
  #state: 'decoding' | 'paused' | 'catching-up' = 'decoding';
  #backlog: CodedUnit[] = [];
  #bytes = 0;
  #refused = false;
  #cancel: (() => void) | null = null;

  constructor(options: OnDemandDecoderOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#state === 'paused';
  }

  /** Units that are still to be decoded until the newest is reached; 0 while it decodes as they come. */
  get behind(): number {
    return this.#state === 'catching-up' ? this.#backlog.length : 0;
  }

  /** The next unit in decoding order. Returns false if this one or, in catching up, an earlier one was refused. */
  push(unit: CodedUnit): boolean {
    const { wanted, decode, onPause } = this.#options;
    const mustSay = this.#refused && !unit.isKeyframe;
    this.#refused = false;
    if (mustSay) return false;
    if (this.#state === 'decoding') {
      if (!unit.isKeyframe || wanted()) return decode(unit);
      this.#state = 'paused';
      onPause();
    }
    // What comes before a keyframe need not be decoded any more.
    if (unit.isKeyframe) this.#clear();
    this.#backlog.push(unit);
    this.#bytes += unit.data.length;
    if (this.#backlog.length > MAX_UNITS || this.#bytes > MAX_BYTES) this.#catchUp();
    else this.wake();
    return true;
  }

  /** Somebody may want pictures now. */
  wake(): void {
    if (this.#state === 'paused' && this.#options.wanted()) this.#catchUp();
  }

  /** What was kept cannot be decoded, or belongs to another decoder: the next unit is one to begin with. */
  forget(): void {
    this.#clear();
    this.#refused = false;
    if (this.#state === 'catching-up') this.#end();
  }

  /** May be called twice. */
  close(): void {
    this.#clear();
    this.#cancel?.();
    this.#cancel = null;
  }

  #catchUp(): void {
    if (this.#state === 'catching-up' && this.#cancel) return;
    this.#state = 'catching-up';
    const { clock, decode } = this.#options;
    const untilMs = clock.nowMs() + SLICE_MS;
    for (let unit = this.#backlog.shift(); unit; unit = this.#backlog.shift()) {
      this.#bytes -= unit.data.length;
      if (!decode(unit)) {
        this.#refused = true;
        this.#clear();
      } else if (clock.nowMs() >= untilMs && this.#backlog.length > 0) {
        this.#cancel = clock.after(0, () => {
          this.#cancel = null;
          this.#catchUp();
        });
        return;
      }
    }
    this.#end();
  }

  #end(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#state = 'decoding';
  }

  #clear(): void {
    this.#backlog = [];
    this.#bytes = 0;
  }
}
