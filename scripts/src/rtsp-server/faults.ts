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

  /** Every timestamp is later by so many ticks of its clock, or earlier: where it begins and ends, time jumps. */
  shiftTimestamps(path: string, ticks: number): void {
    this.#set(path, 'shift', (packet, { kind }) => (kind === 'rtp' ? shifted(packet, ticks) : packet));
  }

  /** The first timestamp from now on is `ticks` below 2^32: the clock wraps soon. */
  wrapTimestamps(path: string, ticks: number): void {
    let shift: number | null = null;
    this.#set(path, 'wrap', (packet, { kind }) => {
      if (kind !== 'rtp' || packet.length < 12) return packet;
      shift ??= 2 ** 32 - ticks - packet.readUInt32BE(4);
      return shifted(packet, shift);
    });
  }

  /** RTP packets come later by up to `jitterMs`, each by its own time: they overtake one another. */
  jitter(path: string, jitterMs: number, random: () => number): void {
    this.#set(path, 'jitter', (packet, { kind, deliver }) => {
      if (kind !== 'rtp') return packet;
      // The filter's buffer may be used again by whoever gave it.
      const kept = Buffer.from(packet);
      setTimeout(() => deliver(kept), jitterMs * random());
      return null;
    });
  }

  /**
   * The path's packets give way to those of another path, mid-stream: same SSRC, payload type and numbering, but what is
   * in them is another picture, or another codec. The other path needs a publisher.
   */
  splice(path: string, from: string): void {
    let last: { header: Buffer; sequence: number; timestamp: number } | null = null;
    let deliverInPlace: ((packet: Buffer) => void) | null = null;
    let shift: number | null = null;
    this.#set(path, 'splice', (packet, { kind, deliver }) => {
      if (kind !== 'rtp' || packet.length < 12) return null;
      last ??= {
        header: Buffer.from(packet.subarray(0, 12)),
        sequence: packet.readUInt16BE(2),
        timestamp: packet.readUInt32BE(4),
      };
      deliverInPlace = deliver;
      return null;
    });
    this.#server.setFilter(from, (packet, { kind }) => {
      const range = rtpPayloadRange(packet);
      if (kind !== 'rtp' || range === null || last === null || deliverInPlace === null) return packet;
      const theirs = packet.readUInt32BE(4);
      shift ??= (last.timestamp - theirs) >>> 0;
      last.sequence = (last.sequence + 1) & 0xffff;
      const spliced = Buffer.concat([last.header, packet.subarray(range.start, range.end)]);
      // Without CSRCs, extension and padding; the marker is theirs, the payload type is not.
      spliced[0] = 0x80;
      spliced[1] = (packet[1]! & 0x80) | (last.header[1]! & 0x7f);
      spliced.writeUInt16BE(last.sequence, 2);
      spliced.writeUInt32BE((theirs + shift) >>> 0, 4);
      deliverInPlace(spliced);
      return packet;
    });
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

function shifted(packet: Buffer, ticks: number): Buffer {
  if (packet.length < 12) return packet;
  const moved = Buffer.from(packet);
  moved.writeUInt32BE((((packet.readUInt32BE(4) + ticks) % 2 ** 32) + 2 ** 32) % 2 ** 32, 4);
  return moved;
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
