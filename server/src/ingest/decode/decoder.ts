import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { LanecastError } from '../../core/errors.js';
import { MAX_PICTURE_SIDE_PX } from '../depacketise/sequence-parameters.js';
import type { VideoCodec } from '../types.js';

const MICROSECONDS = new Rational(1, 1_000_000);

/**
 * FFmpeg counts the coded picture, whose sides are rounded up to whole blocks (16 for H.264, 64 at most for H.265),
 * while the limit is that of the picture as it is shown: so much may lie between them.
 */
const ROUNDING_PIXELS = 2 * 64 * MAX_PICTURE_SIDE_PX;

/**
 * Decodes access units, synchronously, on the calling thread and with one thread: with low delay a frame of a stream
 * without reordering comes out in the call that took its unit. Own it in a worker, never on the main thread.
 */
export class VideoDecoder {
  readonly backend = 'software';
  readonly #context: CodecContext;
  readonly #packet: Packet;
  readonly #frame: Frame;
  #closed = false;

  /**
   * Pictures of more than `maxPicturePixels` are refused like broken ones. Throws a LanecastError `decoder-unavailable`
   * if this FFmpeg build lacks the codec.
   */
  constructor(codec: VideoCodec, maxPicturePixels: number) {
    const found = Codec.findDecoder(codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC);
    if (!found) throw new LanecastError('decoder-unavailable', `node-av's FFmpeg has no decoder for ${codec}`);
    this.#context = new CodecContext();
    this.#context.allocContext3(found);
    this.#context.threadCount = 1;
    this.#context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    this.#context.pktTimebase = MICROSECONDS;
    const limited = this.#context.setOption('max_pixels', String(maxPicturePixels + ROUNDING_PIXELS));
    const opened = limited < 0 ? limited : this.#context.open2Sync(found);
    if (opened < 0) {
      this.#context.freeContext();
      throw new LanecastError('decoder-unavailable', `FFmpeg could not open its ${codec} decoder (error ${opened})`);
    }
    this.#packet = new Packet();
    this.#packet.alloc();
    this.#frame = new Frame();
    this.#frame.alloc();
  }

  /**
   * Feeds one access unit (Annex B, parameter sets in band) and calls `onFrame` for each picture that comes out. The
   * frame is valid during the call only: `clone()` it to keep it. Returns false if FFmpeg refused the unit as broken;
   * the decoder stays usable.
   */
  decode(
    unit: Uint8Array,
    ptsUs: number,
    isKeyframe: boolean,
    onFrame: (frame: Frame, ptsUs: number) => void,
  ): boolean {
    if (this.#closed) return false;
    const packet = this.#packet;
    packet.data = Buffer.from(unit.buffer, unit.byteOffset, unit.byteLength);
    packet.pts = packet.dts = BigInt(ptsUs);
    packet.timeBase = MICROSECONDS;
    packet.isKeyframe = isKeyframe;
    const sent = this.#context.sendPacketSync(packet);
    packet.unref();
    // EAGAIN cannot happen (every frame is received below); anything else negative is a broken unit.
    const accepted = sent >= 0;
    for (;;) {
      const received = this.#context.receiveFrameSync(this.#frame);
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) break;
      if (received < 0) return false;
      try {
        if (this.#frame.width > 0 && this.#frame.height > 0) onFrame(this.#frame, Number(this.#frame.pts));
      } finally {
        this.#frame.unref();
      }
    }
    return accepted;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#packet.free();
    this.#frame.free();
    this.#context.freeContext();
  }
}
