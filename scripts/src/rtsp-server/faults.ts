/** Makes the faults of real cameras happen to what a server's readers receive. For tests; deterministic from `random`. */
import type { PacketContext, PacketFilter } from './mount.js';
import { rtpPayloadRange } from './keyframe.js';
import type { RtspServer } from './server.js';

/**
 * What happens to a corrupted RTP packet.
 * - `noise`: a run of up to 16 payload bytes becomes random
 * - `truncate`: the payload ends early, perhaps at once
 * - `runt`: the packet ends within the RTP header
 */
export type CorruptionKind = 'noise' | 'truncate' | 'runt';

export interface CorruptionOptions {
  /** Probability per RTP packet, 0..1. */
  rate: number;
  kinds: readonly CorruptionKind[];
  /** Uniform in [0, 1). */
  random: () => number;
}

/** Faults per path of one server; they stay when a publisher comes back, until `clear`. */
export class Faults {
  readonly #server: RtspServer;
  readonly #active = new Map<string, Map<string, PacketFilter>>();

  constructor(server: RtspServer) {
    this.#server = server;
  }

  /** Nothing is forwarded any more, RTCP neither, while every socket stays open. */
  freeze(path: string): void {
    this.#set(path, 'freeze', () => null);
  }

  /** Ends a freeze. */
  thaw(path: string): void {
    this.#set(path, 'freeze', undefined);
  }

  /** RTP packets get lost with probability `rate` (0..1). */
  drop(path: string, rate: number, random: () => number): void {
    this.#set(path, 'drop', (packet, { kind }) => (kind === 'rtp' && random() < rate ? null : packet));
  }

  /** RTP packets are damaged with probability `rate`, each in one of `kinds`. The publisher's own bytes stay whole. */
  corrupt(path: string, options: CorruptionOptions): void {
    this.#set(path, 'corrupt', (packet, context) => corruptPacket(packet, context, options));
  }

  /** Ends every fault of the path. */
  clear(path: string): void {
    this.#active.delete(path);
    this.#server.setFilter(path, undefined);
  }

  #set(path: string, name: string, filter: PacketFilter | undefined): void {
    const faults = this.#active.get(path) ?? new Map<string, PacketFilter>();
    this.#active.set(path, faults);
    if (filter === undefined) faults.delete(name);
    else faults.set(name, filter);
    const chain: PacketFilter = (packet, context) => {
      let passed: Buffer | null = packet;
      for (const fault of faults.values()) {
        if (passed !== null) passed = fault(passed, context);
      }
      return passed;
    };
    this.#server.setFilter(path, faults.size === 0 ? undefined : chain);
  }
}

function corruptPacket(packet: Buffer, { kind }: PacketContext, options: CorruptionOptions): Buffer {
  const range = rtpPayloadRange(packet);
  if (kind !== 'rtp' || range === null || options.random() >= options.rate) return packet;
  const below = (limit: number): number => Math.floor(options.random() * limit);
  const chosen = options.kinds[below(options.kinds.length)];
  if (chosen === 'runt') return packet.subarray(0, below(12));
  const payloadBytes = range.end - range.start;
  if (chosen === 'truncate') return packet.subarray(0, range.start + below(payloadBytes));
  const damaged = Buffer.from(packet);
  const first = range.start + below(payloadBytes);
  for (let at = first; at < Math.min(first + 16, range.end); at++) damaged[at] = below(256);
  return damaged;
}
