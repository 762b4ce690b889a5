import type { StreamInfo, TrackMessage } from '@lanecast/server/core/types';
import type { LivePipeline } from '@lanecast/server/pipeline/live-pipeline';

/** Watches what each stream produces, for `--check`. */
export class DemoCheck {
  readonly #withTracks = new Map<string, number>();
  readonly #stop: () => void;
  readonly #pipeline: LivePipeline;

  constructor(pipeline: LivePipeline) {
    this.#pipeline = pipeline;
    this.#stop = pipeline.onTracks((message) => this.#onTracks(message));
  }

  /** What is wrong, one line a stream; empty if every stream produced frames and tracks. Ends the watching. */
  finish(): string[] {
    this.#stop();
    return this.#pipeline.streams().flatMap((stream) => this.#faultOf(stream) ?? []);
  }

  /** One line per stream, for people. */
  summary(): string[] {
    return this.#pipeline.streams().map((stream) => {
      const { detected, decoded } = stream.counters;
      const tracked = this.#withTracks.get(stream.id) ?? 0;
      return `${stream.id}: ${decoded} frames decoded, ${detected} detected, ${tracked} with tracks, ${stream.rates.fps.toFixed(1)} fps`;
    });
  }

  #faultOf({ id, counters, reason, state }: StreamInfo): string | null {
    if (counters.decoded === 0) return `${id}: no frame was decoded (${state}${reason ? `: ${reason.message}` : ''})`;
    if (counters.detected === 0) return `${id}: no frame was detected (of ${counters.decoded} decoded)`;
    if (!this.#withTracks.has(id)) return `${id}: no track in ${counters.detected} detected frames`;
    return null;
  }

  #onTracks({ stream, tracks }: TrackMessage): void {
    if (tracks.length > 0) this.#withTracks.set(stream, (this.#withTracks.get(stream) ?? 0) + 1);
  }
}
