/** Whether a stream lost anything, from looks at its counters. Pure. */
import type { StreamInfo } from '@lanecast/server/core/types';

/** Units that may be between their packets and their picture at either look; the others' processors are busy, too. */
const MAX_UNDER_WAY = 3;

/** What became of a stream between the first look and the last. */
export interface StreamProof {
  packets: number;
  packetsLost: number;
  unitsDamaged: number;
  decodeErrors: number;
  /** Units that came, and pictures made of them: the same number where nothing was lost. */
  accessUnits: number;
  decoded: number;
  reconnects: number;
  /** Looks at which it was not live. */
  notLive: number;
  /** The longest time in which no further picture was seen. */
  longestGapMs: number;
}

type Seen = Pick<StreamInfo, 'state' | 'counters'>;

export class StreamRecord {
  #first: Seen['counters'] | null = null;
  #last: Seen['counters'] | null = null;
  #changedAtMs = 0;
  #longestGapMs = 0;
  #notLive = 0;

  saw({ state, counters }: Seen, nowMs: number): void {
    if (!this.#last || counters.decoded !== this.#last.decoded) this.#changedAtMs = nowMs;
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#changedAtMs);
    this.#first ??= counters;
    this.#last = counters;
    if (state !== 'live') this.#notLive++;
  }

  proof(): StreamProof {
    const first = this.#first!;
    const last = this.#last!;
    const since = (key: keyof typeof first): number => last[key] - first[key];
    return {
      packets: since('packets'),
      packetsLost: since('packetsLost'),
      unitsDamaged: since('unitsDamaged'),
      decodeErrors: since('decodeErrors'),
      accessUnits: since('accessUnits'),
      decoded: since('decoded'),
      reconnects: since('connects'),
      notLive: this.#notLive,
      longestGapMs: this.#longestGapMs,
    };
  }
}

/** What a stream lost that should have lost nothing, one line each. */
export function losses(proof: StreamProof, maxGapMs: number): string[] {
  const { packets, packetsLost, unitsDamaged, decodeErrors, accessUnits, decoded } = proof;
  const { reconnects, notLive, longestGapMs } = proof;
  return [
    ...(packets <= 0 ? ['received nothing'] : []),
    ...(packetsLost !== 0 ? [`${packetsLost} packets lost`] : []),
    ...(unitsDamaged !== 0 ? [`${unitsDamaged} units damaged`] : []),
    ...(decodeErrors !== 0 ? [`${decodeErrors} units not decoded`] : []),
    ...(Math.abs(accessUnits - decoded) > MAX_UNDER_WAY ? [`${accessUnits} units, but ${decoded} pictures`] : []),
    ...(reconnects !== 0 ? [`${reconnects} reconnects`] : []),
    ...(notLive !== 0 ? ['not live all the time'] : []),
    ...(longestGapMs > maxGapMs ? [`no picture for ${longestGapMs.toFixed(0)} ms`] : []),
  ];
}
