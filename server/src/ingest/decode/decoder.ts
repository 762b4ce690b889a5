import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AV_PIX_FMT_CUDA,
  AV_PIX_FMT_YUV420P,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, type HardwareDeviceContext, Packet, Rational } from 'node-av/lib';
import { LanecastError } from '../../core/errors.js';
import { MAX_PICTURE_SIDE_PX } from '../depacketise/sequence-parameters.js';
import type { VideoCodec } from '../types.js';
import type { DecodeBackend, PictureDecoder } from './picture-decoder.js';

const MICROSECONDS = new Rational(1, 1_000_000);

/**
 * FFmpeg counts the coded picture, whose sides are rounded up to whole blocks (16 for H.264, 64 at most for H.265),
 * while the limit is that of the picture as it is shown: so much may lie between them.
 */
const ROUNDING_PIXELS = 2 * 64 * MAX_PICTURE_SIDE_PX;

/**
 * Decodes access units, synchronously, on the calling thread and with one thread: with low delay a frame of a stream
 * without reordering comes out in the call that took its unit. Own it in a worker, never on the main thread.
 *
 * With a GPU it is FFmpeg's own decoder all the same: it parses, and NVDEC decodes (the `h264_cuvid` decoders would parse
 * by themselves and hold pictures back). Its pictures stay in the GPU's memory, in surfaces of their own, so that keeping
 * one holds up nothing. What NVDEC does not take (a 4:2:2 profile, no memory left) FFmpeg decodes in software instead:
 * such a picture says so (`isHwFrame()`).
 */
export class VideoDecoder implements PictureDecoder {
  readonly backend: DecodeBackend;
  readonly #context: CodecContext;
  readonly #packet: Packet;
  readonly #frame: Frame;
  #closed = false;

  /**
   * Pictures of more than `maxPicturePixels` are refused like broken ones. Throws a LanecastError `decoder-unavailable`
   * if this FFmpeg build lacks the codec.
   */
  constructor(codec: VideoCodec, maxPicturePixels: number, device: HardwareDeviceContext | null = null) {
    this.backend = device ? 'nvdec' : 'software';
    const found = Codec.findDecoder(codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC);
    if (!found) throw new LanecastError('decoder-unavailable', `node-av's FFmpeg has no decoder for ${codec}`);
    this.#context = new CodecContext();
    this.#context.allocContext3(found);
    this.#context.threadCount = 1;
    this.#context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    this.#context.pktTimebase = MICROSECONDS;
    if (device) {
      this.#context.hwDeviceCtx = device;
      this.#context.setHardwarePixelFormat(AV_PIX_FMT_CUDA, AV_PIX_FMT_YUV420P);
    }
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
