import type { Calibration } from '../config/calibration.js';
import type { FrameSlots } from '../core/frame-slots.js';
import type { CalibrationKind } from '../core/types.js';
import type { StreamAnalytics } from './stream-analytics.js';
import type { StreamStateRecord } from './stream-state.js';

/** All that the main thread has of one stream. */
export interface LiveStream {
  /** Names it between threads. It is never used again, so that whatever comes late is known to be late. */
  key: number;
  state: StreamStateRecord;
  analytics: StreamAnalytics;
  slots: FrameSlots | null;
  /** Of the last frame that was tracked; -1 before the first. */
  trackedPtsUs: number;
  /** What the log said of it last: `live`, or the code of the reason why not. */
  said: string | null;
  /** What the configuration says: for when nothing was set. */
  configured: { calibration: Calibration; kind: CalibrationKind };
}

/** Where the time and the epochs of a stream begin. */
export interface StreamBeginning {
  ptsUs: number;
  epoch: number;
}

/** Track messages have 16 bits for the index. */
const INDEXES = 1 << 16;
/** Removed streams whose time is remembered. */
const MAX_REMEMBERED = 256;
/** More than a stream can have handed out unseen before it ended. */
const RESUME_GAP_US = 60_000_000;

/**
 * The streams there are, in the order of the configuration. Gives each an index for the wire, which is its own for its
 * life and not given to another before all others were: a message of a stream that is gone never names another one.
 */
export class StreamRoster {
  readonly #byKey = new Map<number, LiveStream>();
  #byId = new Map<string, LiveStream>();
  readonly #past = new Map<string, StreamBeginning>();
  #nextKey = 0;
  #nextIndex = 0;

  *[Symbol.iterator](): Iterator<LiveStream> {
    yield* this.#byId.values();
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  get(id: string): LiveStream | undefined {
    return this.#byId.get(id);
  }

  /** undefined: it is gone, or goes on under another key. */
  byKey(key: number): LiveStream | undefined {
    return this.#byKey.get(key);
  }

  newKey(): number {
    return this.#nextKey++;
  }

  /** The next index that no stream has. */
  newIndex(): number {
    const used = new Set([...this.#byId.values()].map(({ state }) => state.index));
    let index = this.#nextIndex;
    while (used.has(index)) index = (index + 1) % INDEXES;
    this.#nextIndex = (index + 1) % INDEXES;
    return index;
  }

  /** A stream that was there before goes on above its time: what others keep by its id stays in order. */
  beginningOf(id: string): StreamBeginning {
    const live = this.#byId.get(id);
    if (live) return after(live);
    return this.#past.get(id) ?? { ptsUs: 0, epoch: 1 };
  }

  add(live: LiveStream): void {
    this.#byKey.set(live.key, live);
    this.#byId.set(live.state.id, live);
    this.#past.delete(live.state.id);
  }

  /** From now on the stream is known by this key. */
  rekey(live: LiveStream, key: number): void {
    this.#byKey.delete(live.key);
    live.key = key;
    this.#byKey.set(key, live);
  }

  remove(live: LiveStream): void {
    const { id } = live.state;
    this.#byKey.delete(live.key);
    this.#byId.delete(id);
    this.#past.set(id, after(live));
    if (this.#past.size > MAX_REMEMBERED) this.#past.delete(this.#past.keys().next().value!);
  }

  /** Puts the streams in this order; all of them are named. */
  sort(ids: readonly string[]): void {
    this.#byId = new Map(ids.map((id) => [id, this.#byId.get(id)!]));
  }
}

/** Above everything that can have been handed out. */
function after({ state }: LiveStream): StreamBeginning {
  return { ptsUs: state.lastPtsUs + RESUME_GAP_US, epoch: state.condition.epoch + 1 };
}
