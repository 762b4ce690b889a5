/** Opens a video file and hands out its video packets: what every bench that reads clips begins with. */
import { LanecastError } from '@lanecast/server/core/errors';
import { AVERROR_EOF, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import * as av from 'node-av/lib';

/** A clip's video stream. Every way of failing is a LanecastError `clip-unreadable` that names the file. */
export class ClipReader {
  readonly #path: string;
  readonly #input = new av.FormatContext();
  readonly #packet = new av.Packet();
  #stream: av.Stream | null = null;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens, reads with `work`, and closes. */
  static async read<T>(path: string, work: (clip: ClipReader) => Promise<T>): Promise<T> {
    const clip = new ClipReader(path);
    try {
      await clip.#open();
      return await work(clip);
    } finally {
      clip.#packet.free();
      await clip.#input.closeInput();
    }
  }

  get codecParameters(): av.CodecParameters {
    return this.#stream!.codecpar;
  }

  /** Every packet of the video, in the file's order; each is valid until the next is asked for. */
  async *packets(): AsyncGenerator<av.Packet> {
    for (;;) {
      const read = await this.#input.readFrame(this.#packet);
      if (read === AVERROR_EOF) return;
      this.check(read, 'reading');
      try {
        if (this.#packet.streamIndex === this.#stream!.index) yield this.#packet;
      } finally {
        this.#packet.unref();
      }
    }
  }

  /** Throws if FFmpeg's `result` is an error; `what` was done to the file. */
  check(result: number, what: string): void {
    if (result < 0) throw this.unreadable(`${what}: ${new av.FFmpegError(result).message}`);
  }

  unreadable(why: string): LanecastError {
    return new LanecastError('clip-unreadable', `${this.#path}: ${why}`);
  }

  async #open(): Promise<void> {
    this.#input.allocContext();
    this.check(await this.#input.openInput(this.#path), 'opening');
    this.check(await this.#input.findStreamInfo(), 'looking into it');
    this.#stream = this.#input.streams[this.#input.findBestStream(AVMEDIA_TYPE_VIDEO)] ?? null;
    if (!this.#stream) throw this.unreadable('there is no video in it');
    this.#packet.alloc();
  }
}
