import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { PacketMessage } from './messages.js';

/** Units and bytes that may be on their way to a reader: several seconds, and more than one group of pictures. */
const MAX_UNITS = 1200;
const MAX_BYTES = 24 << 20;

const CONSUMED = 0;
const DROPPED = 1;

/** The reader's end: the port receives `PacketMessage`s; `progress` is for `countConsumed` and `droppedUnits`. */
export interface PacketSubscription {
  port: MessagePort;
  progress: SharedArrayBuffer;
  /** The sender encodes: a `{ type: 'keyframe' }` to the port brings a keyframe. */
  makesKeyframes?: boolean;
}

/** Makes both ends; `far` goes to the ingest worker. */
export function openPacketSubscription(): { subscription: PacketSubscription; far: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  return { subscription: { port: port1, progress: new SharedArrayBuffer(8) }, far: port2 };
}

/** Reader: a unit was taken. */
export function countConsumed(progress: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(progress), CONSUMED, 1);
}

/** Units that were left out because the reader was behind. */
export function droppedUnits(progress: SharedArrayBuffer): number {
  return Atomics.load(new Int32Array(progress), DROPPED);
}

/**
 * One reader of a stream's packets. Ports queue without bound, so the reader counts what it took; when too much is on
 * its way, units are left out up to the next keyframe that finds room (a part of a group of pictures shows nothing).
 */
export class PacketTap {
  readonly #port: Pick<MessagePort, 'postMessage' | 'close'>;
  readonly #progress: Int32Array;
  readonly #maxUnits: number;
  readonly #maxBytes: number;
  /** Sizes of what was posted and not yet taken. */
  readonly #underWay: number[] = [];
  #underWayBytes = 0;
  #consumed = 0;
  #skipping = false;

  constructor(
    port: Pick<MessagePort, 'postMessage' | 'close'>,
    progress: SharedArrayBuffer,
    { maxUnits = MAX_UNITS, maxBytes = MAX_BYTES } = {},
  ) {
    this.#port = port;
    this.#progress = new Int32Array(progress);
    this.#maxUnits = maxUnits;
    this.#maxBytes = maxBytes;
  }

  push(unit: PacketMessage): void {
    this.#settle();
    let bytes = 0;
    for (const packet of unit.packets) bytes += packet.length;
    const fits = this.#underWay.length < this.#maxUnits && this.#underWayBytes + bytes <= this.#maxBytes;
    if (!fits || (this.#skipping && !unit.isKeyframe)) {
      this.#skipping = true;
      Atomics.add(this.#progress, DROPPED, 1);
      return;
    }
    this.#skipping = false;
    this.#underWay.push(bytes);
    this.#underWayBytes += bytes;
    const packets = pack(unit.packets, bytes);
    this.#port.postMessage({ ...unit, packets }, packets.length > 0 ? [packets[0]!.buffer] : []);
  }

  close(): void {
    this.#port.close();
  }

  #settle(): void {
    const consumed = Atomics.load(this.#progress, CONSUMED);
    for (; this.#consumed < consumed; this.#consumed++) this.#underWayBytes -= this.#underWay.shift() ?? 0;
  }
}

/** Copies into one buffer, which can be handed over: packets may be views into buffers of whatever size. */
function pack(packets: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer>[] {
  const buffer = new ArrayBuffer(bytes);
  let at = 0;
  return packets.map((packet) => {
    const copy = new Uint8Array(buffer, at, packet.length);
    copy.set(packet);
    at += packet.length;
    return copy;
  });
}
