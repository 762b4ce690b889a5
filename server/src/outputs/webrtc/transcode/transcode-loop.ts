import type { FrameSlots } from '../../../core/frame-slots.js';
import type { PacketMessage } from '../../../ingest/messages.js';
import { packetise } from '../packetise.js';
import type { Colours, PictureEncoder } from './h264-encoder.js';
import type { TranscodeCounters } from './messages.js';

/** Who joins begins at a keyframe, and gets all since then at once. */
const KEYFRAME_EVERY_US = 2_000_000;
/** Keyframes that viewers ask for come no closer than this: a burst of reports is about one loss. */
const KEYFRAME_GAP_US = 300_000;
const RTP_HEADER_BYTES = 12;
const RTP_VERSION_2 = 0x80;

export interface TranscodeLoopParts {
  slots: Pick<FrameSlots, 'takeEarlier' | 'takeNewest' | 'release'>;
  /** Side data of a picture: its `Colours`, a byte each. */
  createEncoder: (colours: Colours) => PictureEncoder;
  maxPayloadBytes: number;
  push: (unit: PacketMessage) => void;
  nowMs: () => number;
}

/** Pictures in, access units out, with the time that the pictures came with: as a camera would have sent them. */
export class TranscodeLoop {
  readonly counters: TranscodeCounters = { pictures: 0, keyframes: 0, bytes: 0, encodeMs: 0 };
  readonly #parts: TranscodeLoopParts;
  #encoder: PictureEncoder | null = null;
  #colours = '';
  #lastKeyframeUs = -Infinity;
  #keyframeWanted = false;

  constructor(parts: TranscodeLoopParts) {
    this.#parts = parts;
  }

  /** A viewer lost the thread: a keyframe, as soon as one may come. */
  requestKeyframe(): void {
    this.#keyframeWanted = true;
  }

  /**
   * Encodes the oldest picture that waits; false if there is none. Those that are overwritten before their turn are
   * skipped. Throws what the encoder throws.
   */
  step(): boolean {
    const { slots, maxPayloadBytes, push, nowMs } = this.#parts;
    const taken = slots.takeEarlier() ?? slots.takeNewest();
    if (!taken) return false;
    const { ptsUs, receivedAtMs } = taken.header;
    const beganMs = nowMs();
    let encoded;
    try {
      const encoder = this.#encoderFor(taken.meta);
      encoded = encoder.encode(taken.picture, ptsUs, this.#isKeyframeDue(ptsUs));
    } finally {
      slots.release(taken.slot);
    }
    const { isKeyframe, nals } = encoded;
    if (isKeyframe) {
      this.#lastKeyframeUs = ptsUs;
      this.#keyframeWanted = false;
      this.counters.keyframes++;
    }
    const packets = packetise(nals, maxPayloadBytes).map(rtpPacket);
    this.counters.pictures++;
    this.counters.encodeMs += nowMs() - beganMs;
    for (const { length } of packets) this.counters.bytes += length - RTP_HEADER_BYTES;
    push({ ptsUs, isKeyframe, packets, parameterSets: [], receivedAtMs });
    return true;
  }

  /** May be called twice. */
  close(): void {
    this.#encoder?.close();
    this.#encoder = null;
  }

  /** Colours stand in the parameter sets: others need another encoder, which begins with a keyframe. */
  #encoderFor([primaries = 2, transfer = 2, matrix = 2]: Uint8Array): PictureEncoder {
    const key = `${primaries} ${transfer} ${matrix}`;
    if (this.#encoder && key === this.#colours) return this.#encoder;
    this.close();
    this.#colours = key;
    this.#lastKeyframeUs = -Infinity;
    return (this.#encoder = this.#parts.createEncoder([primaries, transfer, matrix]));
  }

  #isKeyframeDue(ptsUs: number): boolean {
    const sinceUs = ptsUs - this.#lastKeyframeUs;
    return sinceUs >= KEYFRAME_EVERY_US || (this.#keyframeWanted && sinceUs >= KEYFRAME_GAP_US);
  }
}

/** RFC 3550, 5.1. Who sends it on numbers and times it; only what is in it counts. */
function rtpPacket(payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length);
  packet[0] = RTP_VERSION_2;
  packet.set(payload, RTP_HEADER_BYTES);
  return packet;
}
