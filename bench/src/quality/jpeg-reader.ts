import { readFileSync } from 'node:fs';
import { AV_CODEC_ID_MJPEG } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';

/** Decodes JPEG files with FFmpeg, as a camera's MJPEG would be. */
export class JpegReader {
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #frame = new Frame();
  #closed = false;

  constructor() {
    const codec = Codec.findDecoder(AV_CODEC_ID_MJPEG);
    if (!codec) throw new LanecastError('decoder-unavailable', "node-av's FFmpeg has no JPEG decoder");
    this.#context.allocContext3(codec);
    this.#context.threadCount = 1;
    const opened = this.#context.open2Sync(codec);
    if (opened < 0) throw new LanecastError('decoder-unavailable', `the JPEG decoder did not open (error ${opened})`);
    this.#packet.alloc();
    this.#frame.alloc();
  }

  /** The frame is valid until the next call. Throws a LanecastError `picture-set`. */
  read(path: string): Frame {
    this.#frame.unref();
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      throw new LanecastError('picture-set', `cannot read the picture ${path}: ${messageOf(error)}`, { cause: error });
    }
    this.#packet.data = bytes;
    const sent = this.#context.sendPacketSync(this.#packet);
    this.#packet.unref();
    const received = this.#context.receiveFrameSync(this.#frame);
    if (sent < 0 || received < 0)
      throw new LanecastError(
        'picture-set',
        `${path} is no JPEG that FFmpeg can decode (error ${Math.min(sent, received)})`,
      );
    return this.#frame;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
  }
}
