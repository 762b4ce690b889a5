import type { Clock } from '../../core/clock.js';
import type { Carriage } from '../../core/signalling/messages.js';
import type { StreamInfo } from '../../core/types.js';
import type { Pipeline } from '../../pipeline/api.js';
import type { MediaHost } from './media-host.js';
import type { TranscodeHost } from './transcode/transcode-host.js';

/** A transcoder goes on for so long after its last viewer: who reloads the page finds it running. */
const LINGER_MS = 3000;
const USUAL_FPS = 25;
const FPS_RANGE = [10, 60] as const;

export interface StreamSourcesParts {
  pipeline: Pick<Pipeline, 'packets'>;
  media: Pick<MediaHost, 'attach' | 'detach' | 'isAttached' | 'isWatched'>;
  transcoder: Pick<TranscodeHost, 'start' | 'stop' | 'forget' | 'isRunning'>;
  clock: Clock;
}

/**
 * Where the media worker gets each stream's packets: from its camera, as long as there is an audience at all, or from a
 * transcoder, as long as somebody watches that stream.
 */
export class StreamSources {
  readonly #parts: StreamSourcesParts;
  readonly #kinds = new Map<string, 'camera' | 'transcoder'>();
  readonly #watchedAtMs = new Map<string, number>();

  constructor(parts: StreamSourcesParts) {
    this.#parts = parts;
  }

  /** Brings a stream's source in line with how it is to be carried. True: the source is another one now. */
  follow(
    { id, width, height, rates }: Pick<StreamInfo, 'id' | 'width' | 'height' | 'rates'>,
    carriage: Carriage,
  ): boolean {
    const { pipeline, media, transcoder, clock } = this.#parts;
    const kind = media.isAttached(id) ? this.#kinds.get(id) : undefined;
    if (carriage === 'webrtc') {
      if (kind === 'camera') return false;
      this.detach(id);
      media.attach(id, pipeline.packets(id));
      this.#kinds.set(id, 'camera');
      return true;
    }
    const now = clock.nowMs();
    if (media.isWatched(id)) this.#watchedAtMs.set(id, now);
    const isWatched = now - (this.#watchedAtMs.get(id) ?? -Infinity) < LINGER_MS;
    if (carriage === 'mjpeg' || !isWatched || width === 0) {
      if (this.#kinds.has(id)) this.detach(id);
      return false;
    }
    if (kind === 'transcoder' && transcoder.isRunning({ stream: id, width, height })) return false;
    this.detach(id);
    const [least, most] = FPS_RANGE;
    const fps = Math.min(most, Math.max(least, rates.decodedFps || USUAL_FPS));
    media.attach(id, transcoder.start({ stream: id, width, height, fps }));
    this.#kinds.set(id, 'transcoder');
    return true;
  }

  /** The stream is gone for good. */
  forget(id: string): void {
    this.detach(id);
    this.#parts.transcoder.forget(id);
    this.#watchedAtMs.delete(id);
  }

  /** Nobody needs the stream; may be called at any time. */
  detach(id: string): void {
    this.#parts.media.detach(id);
    this.#parts.transcoder.stop(id);
    this.#kinds.delete(id);
  }
}
