/** Encodes I420 pictures to a clip file with node-av: no scene cuts, closed GOPs, BT.709, one thread (so repeatable). */
import { open, type FileHandle } from 'node:fs/promises';
import * as av from 'node-av/lib';
import {
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
} from 'node-av/constants';
import { LanecastError } from '@lanecast/server/core/errors';
import { quietLibraries } from '../quiet-libraries.js';

export interface EncoderOptions {
  codec: 'h264' | 'h265';
  widthPx: number;
  heightPx: number;
  fps: number;
  /** Pictures from one keyframe to the next. */
  gopLength: number;
  bFrames: number;
  /** `mp4`, or `annexb` for the bare elementary stream. */
  container: 'mp4' | 'annexb';
  /** H.264 only. Constant rate factor; default 23. */
  crf?: number;
  /** H.264 only. Default `veryfast`. */
  preset?: string;
}

const CRF = 23;

/** Writes `pictures` to `path`. @throws LanecastError `clip-encode` when FFmpeg refuses. */
export async function encodeClip(path: string, pictures: Iterable<Buffer>, options: EncoderOptions): Promise<void> {
  quietLibraries();
  const encoder = new av.CodecContext();
  const packet = new av.Packet();
  packet.alloc();
  let sink: Sink | null = null;
  try {
    await openEncoder(encoder, options);
    sink = options.container === 'mp4' ? await Mp4Sink.open(path, encoder) : await AnnexBSink.open(path);
    let frameNo = 0;
    for (const picture of pictures) {
      await encodePicture(encoder, picture, options, frameNo++);
      await drain(encoder, packet, sink);
    }
    check(await encoder.sendFrame(null), 'ending the clip');
    await drain(encoder, packet, sink);
    await sink.finish();
  } finally {
    await sink?.close();
    packet.free();
    encoder.freeContext();
  }
}

async function encodePicture(
  encoder: av.CodecContext,
  picture: Buffer,
  { widthPx, heightPx }: EncoderOptions,
  frameNo: number,
): Promise<void> {
  const frame = av.Frame.fromVideoBuffer(picture, {
    width: widthPx,
    height: heightPx,
    format: AV_PIX_FMT_YUV420P,
    timeBase: encoder.timeBase,
    pts: BigInt(frameNo),
  });
  try {
    check(await encoder.sendFrame(frame), 'encoding a picture');
  } finally {
    frame.free();
  }
}

async function openEncoder(encoder: av.CodecContext, options: EncoderOptions): Promise<void> {
  const name = options.codec === 'h264' ? FF_ENCODER_LIBX264 : FF_ENCODER_LIBX265;
  const codec = av.Codec.findEncoderByName(name);
  if (codec === null) {
    throw new LanecastError('clip-encode', `Encoding a clip: this build of node-av has no ${name}. Ask for h264.`);
  }
  encoder.allocContext3(codec);
  encoder.width = options.widthPx;
  encoder.height = options.heightPx;
  encoder.pixelFormat = AV_PIX_FMT_YUV420P;
  encoder.timeBase = new av.Rational(1, options.fps);
  encoder.framerate = new av.Rational(options.fps, 1);
  encoder.gopSize = options.gopLength;
  encoder.maxBFrames = options.bFrames;
  encoder.threadCount = 1;
  encoder.colorRange = AVCOL_RANGE_MPEG;
  encoder.colorPrimaries = AVCOL_PRI_BT709;
  encoder.colorTrc = AVCOL_TRC_BT709;
  encoder.colorSpace = AVCOL_SPC_BT709;
  check(await encoder.open2(codec, av.Dictionary.fromObject(encoderOptions(options))), `opening ${name}`);
}

// B-frames, if asked for, come at fixed places (b-adapt 0). Without a global header the parameter sets stand before every keyframe, where a reader that joins late needs them.
function encoderOptions({ codec, gopLength, bFrames, crf, preset }: EncoderOptions): Record<string, string> {
  const common = { preset: 'veryfast', crf: String(CRF) };
  const gop = `scenecut=0:keyint=${gopLength}:min-keyint=${gopLength}:open-gop=0:b-adapt=0`;
  if (codec === 'h264') {
    return { preset: preset ?? common.preset, crf: String(crf ?? CRF), profile: 'main', 'x264-params': gop };
  }
  return {
    ...common,
    'x265-params': `${gop}:bframes=${bFrames}:repeat-headers=1:pools=none:frame-threads=1:log-level=error`,
  };
}

interface Sink {
  write(packet: av.Packet): Promise<void>;
  /** Ends the file as it should be. */
  finish(): Promise<void>;
  /** Releases it, finished or not. */
  close(): Promise<void>;
}

async function drain(encoder: av.CodecContext, packet: av.Packet, sink: Sink): Promise<void> {
  for (;;) {
    const received = await encoder.receivePacket(packet);
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
    check(received, 'taking a packet from the encoder');
    packet.duration = 1n;
    await sink.write(packet);
    packet.unref();
  }
}

class Mp4Sink implements Sink {
  private constructor(
    readonly output: av.FormatContext,
    readonly stream: av.Stream,
    readonly sourceTimeBase: av.Rational,
  ) {}

  static async open(path: string, encoder: av.CodecContext): Promise<Mp4Sink> {
    const output = new av.FormatContext();
    check(output.allocOutputContext2(null, 'mp4', path), `preparing ${path}`);
    const stream = output.newStream();
    check(stream.codecpar.fromContext(encoder), 'copying the parameters of the video');
    stream.timeBase = encoder.timeBase;
    stream.avgFrameRate = encoder.framerate;
    check(await output.openOutput(), `opening ${path}`);
    check(await output.writeHeader(av.Dictionary.fromObject({ movflags: '+faststart' })), `beginning ${path}`);
    return new Mp4Sink(output, stream, encoder.timeBase);
  }

  async write(packet: av.Packet): Promise<void> {
    packet.rescaleTs(this.sourceTimeBase, this.stream.timeBase);
    packet.streamIndex = this.stream.index;
    check(await this.output.writeFrame(packet), 'writing a packet');
  }

  async finish(): Promise<void> {
    check(await this.output.writeTrailer(), 'ending the file');
  }

  async close(): Promise<void> {
    await this.output.closeOutput();
    this.output.freeContext();
  }
}

class AnnexBSink implements Sink {
  private constructor(readonly file: FileHandle) {}

  static async open(path: string): Promise<AnnexBSink> {
    return new AnnexBSink(await open(path, 'w'));
  }

  async write(packet: av.Packet): Promise<void> {
    if (packet.data !== null) await this.file.writeFile(packet.data);
  }

  async finish(): Promise<void> {
    await this.file.sync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

function check(result: number, what: string): void {
  if (result < 0)
    throw new LanecastError('clip-encode', `Making a clip, ${what}: ${new av.FFmpegError(result).message}`);
}
