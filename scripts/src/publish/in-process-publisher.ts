/** Publishes a clip with the FFmpeg libraries in this process (node-av), where there is no ffmpeg program. */
import * as av from 'node-av/lib';
import { AVMEDIA_TYPE_VIDEO, AVERROR_EOF, AVSEEK_FLAG_BACKWARD, AV_NOPTS_VALUE } from 'node-av/constants';
import type { Clock } from '@lanecast/server/core/clock';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { systemClock } from '@lanecast/server/ops/clock';
import { quietLibraries } from '../quiet-libraries.js';
import { LoopTimeline } from './loop-timeline.js';
import type { ClipPublisher, ClipPublisherOptions } from './publisher.js';
import { RestartingPublisher } from './restarting.js';

export function publishInProcess(options: ClipPublisherOptions & { clock?: Clock }): ClipPublisher {
  const { clip, url, log, clock = systemClock } = options;
  quietLibraries();
  const attempt = async (signal: AbortSignal): Promise<string> => {
    const run = new InProcessRun(clip, url, clock, signal);
    try {
      await run.publish();
      return 'asked to';
    } catch (error) {
      return messageOf(error);
    } finally {
      await run.close();
    }
  };
  return new RestartingPublisher(attempt, url, clock, log);
}

class InProcessRun {
  readonly #input = new av.FormatContext();
  readonly #output = new av.FormatContext();
  readonly #packet = new av.Packet();
  readonly #interrupt = (): void => this.#output.interrupt();
  #inputOpen = false;
  #headerWritten = false;

  constructor(
    readonly clip: string,
    readonly url: string,
    readonly clock: Clock,
    readonly signal: AbortSignal,
  ) {
    this.#packet.alloc();
  }

  async publish(): Promise<void> {
    const source = await this.#openInput();
    const target = await this.#openOutput(source);
    const timeline = new LoopTimeline();
    const startedMs = this.clock.nowMs();
    while (!this.signal.aborted) {
      const read = await this.#input.readFrame(this.#packet);
      if (read === AVERROR_EOF) {
        timeline.nextLoop();
        const start = source.startTime === AV_NOPTS_VALUE ? 0n : source.startTime;
        const sought = await this.#input.seekFrame(source.index, start, AVSEEK_FLAG_BACKWARD);
        check(sought, `going back to the start of ${this.clip}`);
        continue;
      }
      check(read, `reading ${this.clip}`);
      if (this.#packet.streamIndex === source.index) {
        await this.#send(source, target, timeline, startedMs);
      }
      this.#packet.unref();
    }
  }

  async #send(source: av.Stream, target: av.Stream, timeline: LoopTimeline, startedMs: number): Promise<void> {
    const packet = this.#packet;
    const placed = timeline.place({ pts: packet.pts, dts: packet.dts, duration: packet.duration });
    packet.pts = placed.pts;
    packet.dts = placed.dts;
    const { num, den } = source.timeBase;
    const dueMs = startedMs + (Number(placed.dts) * num * 1000) / den;
    await this.#waitUntil(dueMs);
    if (this.signal.aborted) return;
    packet.rescaleTs(source.timeBase, target.timeBase);
    packet.streamIndex = target.index;
    check(await this.#output.writeFrame(packet), `sending ${this.clip}`);
  }

  async #waitUntil(dueMs: number): Promise<void> {
    const delayMs = dueMs - this.clock.nowMs();
    if (delayMs > 0) await new Promise<void>((resolve) => this.clock.after(delayMs, resolve));
  }

  async #openInput(): Promise<av.Stream> {
    this.#input.allocContext();
    check(await this.#input.openInput(this.clip), `opening ${this.clip}`);
    this.#inputOpen = true;
    check(await this.#input.findStreamInfo(), `looking into ${this.clip}`);
    const source = this.#input.streams[this.#input.findBestStream(AVMEDIA_TYPE_VIDEO)];
    if (source === undefined)
      throw new LanecastError('clip-without-video', `Publishing ${this.clip}: it has no video.`);
    return source;
  }

  async #openOutput(source: av.Stream): Promise<av.Stream> {
    check(this.#output.allocOutputContext2(null, 'rtsp', this.url), 'preparing the RTSP output');
    const target = this.#output.newStream();
    check(source.codecpar.copy(target.codecpar), 'copying the parameters of the video');
    target.codecpar.codecTag = 0;
    target.timeBase = source.timeBase;
    this.signal.addEventListener('abort', this.#interrupt);
    const options = av.Dictionary.fromObject({ rtsp_transport: 'tcp' });
    check(await this.#output.writeHeader(options), 'publishing to the RTSP server');
    this.#headerWritten = true;
    return target;
  }

  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.#interrupt);
    // The farewell; the server may have gone, and then there is nobody to take it.
    if (this.#headerWritten) await this.#output.writeTrailer().catch(() => undefined);
    this.#output.freeContext();
    if (this.#inputOpen) await this.#input.closeInput();
    this.#packet.free();
  }
}

/** @throws LanecastError `PUBLISH_FAILED` for a negative FFmpeg result. */
function check(result: number, what: string): void {
  if (result >= 0) return;
  throw new LanecastError('PUBLISH_FAILED', `${what}: ${new av.FFmpegError(result).message}`);
}
