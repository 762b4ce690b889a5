import type { StreamInfo } from '../../core/types.js';
import type { Pipeline } from '../../pipeline/api.js';
import type { TileStatus } from './tile-status.js';

/** Remembers since when each stream has been (or has not been) live, and says what tiles show about it. */
export class StatusBoard {
  readonly #pipeline: Pipeline;
  readonly #epochMs: () => number;
  readonly #since = new Map<string, { live: boolean; sinceEpochMs: number }>();
  readonly #unsubscribe: () => void;

  /** `onChange` is called when a stream becomes live or ceases to be, or changes between other states. */
  constructor(pipeline: Pipeline, epochMs: () => number, onChange: () => void) {
    this.#pipeline = pipeline;
    this.#epochMs = epochMs;
    for (const stream of pipeline.streams()) this.#note(stream);
    this.#unsubscribe = pipeline.onState((stream) => {
      this.#note(stream);
      onChange();
    });
  }

  /** All streams as they are now. */
  statuses(): TileStatus[] {
    return this.#pipeline.streams().map((stream) => this.#status(stream));
  }

  /** The streams are gone; one of the same name will be another. */
  forget(streamIds: readonly string[]): void {
    for (const id of streamIds) this.#since.delete(id);
  }

  statusOf(streamId: string): TileStatus | undefined {
    const stream = this.#pipeline.streams().find(({ id }) => id === streamId);
    return stream && this.#status(stream);
  }

  close(): void {
    this.#unsubscribe();
  }

  #note(stream: StreamInfo): number {
    const live = stream.state === 'live';
    const known = this.#since.get(stream.id);
    if (known?.live === live) return known.sinceEpochMs;
    const sinceEpochMs = this.#epochMs();
    this.#since.set(stream.id, { live, sinceEpochMs });
    return sinceEpochMs;
  }

  #status(stream: StreamInfo): TileStatus {
    return {
      streamId: stream.id,
      state: stream.state,
      reason: stream.reason?.message ?? null,
      fps: stream.rates.fps,
      dropRate: stream.rates.dropRate,
      sinceEpochMs: this.#note(stream),
    };
  }
}
