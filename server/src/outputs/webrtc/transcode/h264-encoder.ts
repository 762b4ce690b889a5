import {
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_MPEG,
  type AVColorPrimaries,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import { LanecastError } from '../../../core/errors.js';
import { splitAnnexB } from './annex-b.js';
import { maxBitRate } from './transcode-size.js';

const MICROSECONDS = new Rational(1, 1_000_000);
/** Keyframes are asked for; this only bounds what a forgotten one may cost. */
const LONGEST_GOP = 1000;
/** The rate may be exceeded for so long: keyframes are large. */
const RATE_WINDOW_S = 0.5;
const OPTIONS = {
  preset: 'ultrafast',
  tune: 'zerolatency',
  profile: 'baseline',
  crf: '24',
  'forced-idr': '1',
  'x264-params': 'scenecut=0',
} as const;
const NAL_TYPE = 0x1f;
const SUPPLEMENTAL_INFORMATION = 6;
const ACCESS_UNIT_DELIMITER = 9;

export interface EncodedPicture {
  isKeyframe: boolean;
  /** Of a keyframe: its parameter sets go first. Memory of their own. */
  nals: Uint8Array[];
}

/** How the pictures' values mean colours: primaries, transfer and matrix as H.273 numbers them; 2: not said. */
export type Colours = readonly [primaries: number, transfer: number, matrix: number];

/** Encodes one picture after the other, each at once. */
export interface PictureEncoder {
  /** `picture`: planar I420 of limited range, without padding. Throws a LanecastError `transcoder-encode`. */
  encode(picture: Uint8Array, ptsUs: number, asKeyframe: boolean): EncodedPicture;
  /** May be called twice. */
  close(): void;
}

/** Whether this FFmpeg can encode H.264. */
export function hasH264Encoder(): boolean {
  return Codec.findEncoderByName(FF_ENCODER_LIBX264) !== null;
}

/**
 * H.264 for browsers, on the calling thread: x264, Constrained Baseline (no B-frames), every picture comes out in the call
 * that brought it. Constant quality within a bound of the bit rate.
 */
export class H264Encoder implements PictureEncoder {
  readonly #context = new CodecContext();
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  #closed = false;

  /** Throws a LanecastError `transcoder-unavailable`. */
  constructor(width: number, height: number, fps: number, colours: Colours = [2, 2, 2]) {
    const context = this.#context;
    const frame = this.#frame;
    frame.alloc();
    this.#packet.alloc();
    try {
      const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
      if (!codec) throw new Error(`this FFmpeg has no ${FF_ENCODER_LIBX264}`);
      context.allocContext3(codec);
      context.width = width;
      context.height = height;
      context.pixelFormat = AV_PIX_FMT_YUV420P;
      context.colorRange = AVCOL_RANGE_MPEG;
      context.colorPrimaries = colours[0] as AVColorPrimaries;
      context.colorTrc = colours[1] as AVColorTransferCharacteristic;
      context.colorSpace = colours[2] as AVColorSpace;
      context.timeBase = MICROSECONDS;
      context.framerate = new Rational(Math.max(1, Math.round(fps)), 1);
      context.gopSize = LONGEST_GOP;
      context.maxBFrames = 0;
      context.threadCount = 1;
      const bitRate = maxBitRate({ width, height }, fps);
      context.rcMaxRate = BigInt(bitRate);
      context.rcBufferSize = Math.round(bitRate * RATE_WINDOW_S);
      // One by one: node-av's `open2Sync` with a dictionary of options ends the process when that is collected.
      for (const [name, value] of Object.entries(OPTIONS))
        FFmpegError.throwIfError(context.setOption(name, value), name);
      FFmpegError.throwIfError(context.open2Sync(codec), 'open');
      frame.format = AV_PIX_FMT_YUV420P;
      frame.width = width;
      frame.height = height;
      frame.colorRange = AVCOL_RANGE_MPEG;
      FFmpegError.throwIfError(frame.getBuffer(0), 'frame buffer');
    } catch (cause) {
      this.close();
      throw new LanecastError(
        'transcoder-unavailable',
        `Opening an H.264 encoder for ${width} x ${height}: ${String(cause)}`,
        { cause },
      );
    }
  }

  encode(picture: Uint8Array, ptsUs: number, asKeyframe: boolean): EncodedPicture {
    const frame = this.#frame;
    const packet = this.#packet;
    try {
      FFmpegError.throwIfError(frame.makeWritable(), 'frame');
      FFmpegError.throwIfError(
        frame.fromBuffer(Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength)),
        'frame',
      );
      frame.pts = BigInt(ptsUs);
      frame.pictType = asKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'encoder');
      FFmpegError.throwIfError(this.#context.receivePacketSync(packet), 'encoder');
    } catch (cause) {
      throw new LanecastError('transcoder-encode', `Encoding a picture: ${String(cause)}`, { cause });
    }
    try {
      const nals = splitAnnexB(Uint8Array.from(packet.data ?? [])).filter((nal) => isForViewers(nal[0]! & NAL_TYPE));
      return { isKeyframe: packet.isKeyframe, nals };
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

/** What x264 says of itself is of no use to a decoder. */
function isForViewers(nalType: number): boolean {
  return nalType !== SUPPLEMENTAL_INFORMATION && nalType !== ACCESS_UNIT_DELIMITER;
}
