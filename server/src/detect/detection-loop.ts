import { FrameSlots, type FrameHeader, type SharedFrameSlots, type TakenFrame } from '../core/frame-slots.js';
import { LanecastError, messageOf } from '../core/errors.js';
import type { Pulse } from '../core/pulse.js';
import type { WorkSignal } from '../core/work-signal.js';
import { Batcher, type BatchLimits, type BatchSource } from './batcher.js';
import { PACKED_FIELDS, type DetectionDecoder } from './detection-decoder.js';
import type { FrameResult, FromDetector } from './messages.js';
import type { ModelSession } from './model-session.js';

/** How long the thread sleeps at most: writers and the main thread both wake it, this only bounds a mistake. */
const MAX_SLEEP_MS = 250;
/** After so many failures in a row the session is taken for broken (a lost GPU fails every run). */
const MAX_FAILURES_IN_A_ROW = 10;

class StreamSource implements BatchSource {
  readonly key: number;
  readonly slots: FrameSlots;
  lastServedMs = -Infinity;

  constructor(key: number, shared: SharedFrameSlots) {
    this.key = key;
    this.slots = new FrameSlots(shared);
  }

  get ready(): boolean {
    return this.slots.hasReady();
  }
}

/** What the loop works with; the caller owns and closes all of it. */
export interface LoopParts {
  session: Pick<ModelSession, 'input' | 'output' | 'pictureBytes' | 'run'>;
  decoder: DetectionDecoder;
  signal: WorkSignal;
  /** Beats with every inference that succeeded. */
  pulse: Pulse;
  limits: BatchLimits;
  /** Sizes that inference runs at, ascending; the last is the largest batch. */
  sizes: readonly number[];
  candidateCount: number;
  nowMs: () => number;
  /** Whether an inference that failed with this message leaves nothing to hope for in this process. */
  isLost: (message: string) => boolean;
  post: (message: FromDetector, transfer: ArrayBuffer[]) => void;
}

/** The life of the detector's thread: sleep until a frame is there, gather a batch, run it, post what was found. */
export class DetectionLoop {
  readonly #parts: LoopParts;
  readonly #batcher: Batcher<StreamSource>;
  readonly #streams: StreamSource[] = [];
  readonly #packed: Float32Array;
  #failuresInARow = 0;
  #closing = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#batcher = new Batcher(parts.limits);
    this.#packed = new Float32Array(parts.limits.maxBatch * parts.decoder.maxDetections * PACKED_FIELDS);
  }

  add(key: number, slots: SharedFrameSlots): void {
    this.#streams.push(new StreamSource(key, slots));
  }

  remove(key: number): void {
    const at = this.#streams.findIndex((stream) => stream.key === key);
    if (at >= 0) this.#streams.splice(at, 1);
  }

  /** Ends `run` after the batch under way. */
  close(): void {
    this.#closing = true;
  }

  /** Until `close`. Rejects with `detector-broken` if inference fails again and again, with `gpu-lost` at once. */
  async run(): Promise<void> {
    const { signal, nowMs } = this.#parts;
    while (!this.#closing) {
      const seen = signal.value;
      const { batch, waitMs } = this.#batcher.next(this.#streams, nowMs());
      if (batch.length > 0) {
        await this.#detect(batch);
      } else {
        signal.wait(seen, Math.min(waitMs, MAX_SLEEP_MS));
        // Let messages of the main thread in.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  async #detect(batch: readonly StreamSource[]): Promise<void> {
    const { session, sizes, limits, nowMs, post } = this.#parts;
    const keys: number[] = [];
    const headers: FrameHeader[] = [];
    // Places that no stream's newest frame needs: frames that came in a burst take them, and none is lost. A detector
    // that is short of time has none to spare.
    let spare = limits.maxBatch - batch.length;
    const place = (stream: StreamSource, frame: TakenFrame): void => {
      session.input.set(frame.picture, headers.length * session.pictureBytes);
      stream.slots.release(frame.slot);
      keys.push(stream.key);
      headers.push(frame.header);
    };
    for (const stream of batch) {
      stream.lastServedMs = nowMs();
      const earlier = spare > 0 ? stream.slots.takeEarlier() : null;
      if (earlier) {
        place(stream, earlier);
        spare--;
      }
      const newest = stream.slots.takeNewest();
      if (newest) place(stream, newest);
    }
    if (headers.length === 0) return;

    const startedAtMs = nowMs();
    try {
      await session.run(sizes.find((size) => size >= headers.length)!);
      this.#failuresInARow = 0;
      this.#parts.pulse.beat();
    } catch (error) {
      const message = messageOf(error);
      post({ kind: 'run-failed', frames: headers.length, message }, []);
      if (this.#parts.isLost(message))
        throw new LanecastError('gpu-lost', `the GPU is lost to this process: ${message}`);
      if (++this.#failuresInARow >= MAX_FAILURES_IN_A_ROW)
        throw new LanecastError(
          'detector-broken',
          `${MAX_FAILURES_IN_A_ROW} inferences in a row failed, the last: ${message}`,
        );
      return;
    }
    this.#post(keys, headers, startedAtMs);
  }

  #post(keys: number[], headers: FrameHeader[], startedAtMs: number): void {
    const { session, decoder, candidateCount, nowMs, post } = this.#parts;
    const inferredAtMs = nowMs();
    let doneAtMs = inferredAtMs;
    let filled = 0;
    const frames = headers.map((header, i): FrameResult => {
      const count = decoder.decode(session.output, i * 6 * candidateCount, header, this.#packed, filled);
      filled += count * PACKED_FIELDS;
      const nmsMs = nowMs() - doneAtMs;
      doneAtMs += nmsMs;
      return { key: keys[i]!, header, count, queueMs: startedAtMs - header.writtenAtMs, nmsMs };
    });
    const packed = this.#packed.slice(0, filled);
    post({ kind: 'batch', frames, packed, inferMs: inferredAtMs - startedAtMs, doneAtMs, nms: decoder.nmsState }, [
      packed.buffer,
    ]);
  }
}
