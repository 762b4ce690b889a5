import { LanecastError, messageOf } from '../core/errors.js';
import { type NvdecDevice, openNvdecDevice } from '../ingest/decode/nvdec-device.js';
import { probeNvdec } from '../ingest/decode/nvdec-probe.js';
import type { DecodeBackend, DecodeChoice } from '../ingest/decode/picture-decoder.js';
import type { StreamCondition } from '../ingest/messages.js';
import { quietFfmpeg } from '../ops/quiet-ffmpeg.js';

/** Where pictures are decoded, as it really is. */
export interface DecodeStats {
  /** `nvdec`, `software`, or `nvdec+software` where some streams are not taken by the GPU. */
  backend: string;
  /** Why not (only) on the GPU; null if nothing better was asked for or possible. */
  reason?: string | null;
  /** Streams by where they are decoded now. */
  streams?: Record<DecodeBackend, number>;
}

type StreamDecoding = Pick<StreamCondition, 'decoder' | 'decoderReason'>;

/** How the GPU is tried; tests put others in its place. */
export interface DecodeProbe {
  open: () => NvdecDevice;
  probe: (device: NvdecDevice) => string | null;
}

/**
 * Decides once where pictures are decoded and keeps the process' context of the GPU alive: ingest workers open it anew,
 * each for itself, but find it made.
 */
export class DecodeHost {
  readonly #device: NvdecDevice | null;
  readonly #reason: string | null;

  /** Throws a LanecastError `nvdec-unavailable` where NVDEC was asked for and does not work. */
  static start(choice: DecodeChoice, { open, probe }: DecodeProbe = { open: openNvdecDevice, probe: probeNvdec }) {
    if (choice === 'software') return new DecodeHost(null, null);
    // Its absence is said below, in our words.
    quietFfmpeg();
    let device: NvdecDevice | null = null;
    let reason: string | null;
    try {
      device = open();
      reason = probe(device);
    } catch (error) {
      reason = messageOf(error);
    }
    if (device && reason === null) return new DecodeHost(device, null);
    device?.close();
    if (choice === 'nvdec') {
      throw new LanecastError(
        'nvdec-unavailable',
        `decoding on NVDEC was asked for, but ${reason}; "npm run setup:cuda" says what is missing, --decode auto does without`,
      );
    }
    return new DecodeHost(null, reason);
  }

  private constructor(device: NvdecDevice | null, reason: string | null) {
    this.#device = device;
    this.#reason = reason;
  }

  /** Streams are to be decoded on the GPU. */
  get isHardware(): boolean {
    return this.#device !== null;
  }

  /**
   * How many streams an ingest thread takes. A call that decodes returns when the picture is there: on a processor that
   * is work, on the GPU (about 3 ms for 1080p when it is busy) the thread sleeps, and the other streams with it. So the
   * streams are spread over as many threads as there are processors, and never more than 4 share one.
   */
  streamsPerWorker(streamCount: number, cores: number): number {
    return this.isHardware ? Math.min(4, Math.ceil(streamCount / cores)) : 8;
  }

  stats(streams: readonly StreamDecoding[]): DecodeStats {
    const count = { nvdec: 0, software: 0 };
    for (const { decoder } of streams) if (decoder) count[decoder]++;
    const backends = (['nvdec', 'software'] as const).filter((backend) => count[backend] > 0);
    return {
      backend: backends.join('+') || (this.isHardware ? 'nvdec' : 'software'),
      reason: this.#reason,
      streams: count,
    };
  }

  /** What is not as good as it could be, one line each. A machine without a GPU is named by the detector's notice. */
  notices(streams: readonly (StreamDecoding & { id: string })[]): string[] {
    const byReason = new Map<string, string[]>();
    for (const { id, decoderReason } of streams) {
      if (decoderReason) byReason.set(decoderReason, [...(byReason.get(decoderReason) ?? []), id]);
    }
    return [
      ...(this.#device?.isShared === false
        ? ['decoding on NVDEC in contexts of its own: something else took the GPU first, many streams will be slower']
        : []),
      ...(this.#reason === null ? [] : [`decoding in software: ${this.#reason}`]),
      ...[...byReason].map(([reason, ids]) => `decoding ${ids.join(', ')} in software: ${reason}`),
    ];
  }

  /** May be called twice. */
  close(): void {
    this.#device?.close();
  }
}
