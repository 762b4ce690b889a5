import {
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  FF_QP2LAMBDA,
} from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';

import { LanecastError } from '../../core/errors.js';

/** JPEG quality 1 (worst) to 100 as the quantiser scale of FFmpeg's encoder, 31 to 1. */
export function quantiserOf(quality: number): number {
  return Math.round(31 - (30 * (Math.max(1, Math.min(100, quality)) - 1)) / 99);
}

/** Encodes I420 pictures (full range) of one size as baseline JPEG, on the calling thread. */
export class JpegEncoder {
  readonly width: number;
  readonly height: number;
  readonly #context = new CodecContext();
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  readonly #quantiser: number;
  #pts = 0n;
  #closed = false;

  /** Throws a LanecastError `jpeg-encoder` if FFmpeg has no encoder for this. */
  constructor(width: number, height: number, quality: number) {
    this.width = width;
    this.height = height;
    this.#quantiser = quantiserOf(quality) * FF_QP2LAMBDA;
    const context = this.#context;
    const frame = this.#frame;
    frame.alloc();
    this.#packet.alloc();
    try {
      const codec = Codec.findEncoderByName('mjpeg' as never);
      if (!codec) throw new Error('this FFmpeg has no mjpeg encoder');
      context.allocContext3(codec);
      context.width = width;
      context.height = height;
      context.pixelFormat = AV_PIX_FMT_YUVJ420P;
      context.colorRange = AVCOL_RANGE_JPEG;
      context.colorSpace = AVCOL_SPC_BT470BG;
      context.timeBase = new Rational(1, 1000);
      context.threadCount = 1;
      context.setFlags(AV_CODEC_FLAG_QSCALE);
      context.globalQuality = this.#quantiser;
      FFmpegError.throwIfError(context.open2Sync(codec, null), 'open');
      frame.format = AV_PIX_FMT_YUVJ420P;
      frame.width = width;
      frame.height = height;
      frame.colorRange = AVCOL_RANGE_JPEG;
      FFmpegError.throwIfError(frame.getBuffer(0), 'frame buffer');
    } catch (error) {
      this.close();
      throw new LanecastError('jpeg-encoder', `Cannot open a JPEG encoder for ${width} x ${height}: ${String(error)}`, {
        cause: error,
      });
    }
  }

  /**
   * @param picture planar I420 without padding, `width * height * 3 / 2` bytes
   * @returns the JPEG in an ArrayBuffer of its own (fit to be transferred)
   */
  encode(picture: Buffer): ArrayBuffer {
    const frame = this.#frame;
    const packet = this.#packet;
    FFmpegError.throwIfError(frame.makeWritable(), 'mjpeg frame');
    FFmpegError.throwIfError(frame.fromBuffer(picture), 'mjpeg frame');
    frame.pts = this.#pts++;
    frame.quality = this.#quantiser;
    FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'mjpeg encoder');
    FFmpegError.throwIfError(this.#context.receivePacketSync(packet), 'mjpeg encoder');
    try {
      const data = packet.data!;
      const jpeg = new ArrayBuffer(data.length);
      new Uint8Array(jpeg).set(data);
      return jpeg;
    } finally {
      packet.unref();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
  }
}
