import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildFixtureModel } from '@lanecast/models/fixture';
import { syntheticClip, type SyntheticClip, type SyntheticClipOptions } from '@lanecast/scripts/clips/synthetic-clip';
import { publishInProcess } from '@lanecast/scripts/publish/in-process-publisher';
import type { ClipPublisher } from '@lanecast/scripts/publish/publisher';
import { Faults } from '@lanecast/scripts/rtsp-server/faults';
import { RtspServer, type RtspServerOptions } from '@lanecast/scripts/rtsp-server/server';
import { validateConfig, type RawConfig } from '../dist/config/load.js';
import type { StreamInfo, TrackMessage } from '../dist/core/types.js';
import { LivePipeline } from '../dist/pipeline/live-pipeline.js';

/** Boxes of one clip, sized so that the fixture detector knows them at 320x192 (half of 640x360 and 12 rows of padding). */
export const CAR_PX = { widthPx: 64, heightPx: 40 };
export const CLIP: SyntheticClipOptions = {
  durationS: 8,
  boxes: [
    { ...CAR_PX, speedPxPerS: 100, axis: 'x', lanePx: 60, phase: 0.1, luma: 225 },
    { ...CAR_PX, speedPxPerS: -150, axis: 'x', lanePx: 220, phase: 0.5, luma: 225 },
  ],
};

/** Time-outs of the ingest. */
export const QUICK = { stallTimeoutMs: 1000, backoffMinMs: 100, backoffMaxMs: 1000, connectTimeoutMs: 1500 };

/** A real RTSP server with published clips, a real (small) detector, and pipelines that read them. */
export class Rig {
  readonly lines: string[] = [];
  readonly server: RtspServer;
  readonly faults: Faults;
  readonly modelPath: string;
  readonly #folder: string;
  readonly #publishers = new Map<string, ClipPublisher>();
  readonly #pipelines: LivePipeline[] = [];

  static async start(options: Partial<RtspServerOptions> = {}): Promise<Rig> {
    return new Rig(await RtspServer.listen({ port: 0, ...options }));
  }

  private constructor(server: RtspServer) {
    this.server = server;
    this.faults = new Faults(server);
    this.#folder = mkdtempSync(join(tmpdir(), 'lanecast-rig-'));
    this.modelPath = join(this.#folder, 'fixture.onnx');
    writeFileSync(
      this.modelPath,
      buildFixtureModel({ width: 320, height: 192, classes: [{ name: 'car', width: 32, height: 20 }] }),
    );
  }

  /** Publishes a clip, over and over; resolves when it can be read. */
  async publish(path: string, options: SyntheticClipOptions = CLIP): Promise<SyntheticClip> {
    const clip = await syntheticClip(options);
    const publisher = publishInProcess({ clip: clip.path, url: this.server.url(path), log: () => undefined });
    this.#publishers.set(path, publisher);
    await until(() => this.server.paths().some((p) => p.path === path), `${path} is published`);
    return clip;
  }

  async unpublish(path: string): Promise<void> {
    await this.#publishers.get(path)?.close();
    this.#publishers.delete(path);
    await until(() => !this.server.paths().some((p) => p.path === path), `${path} is gone`);
  }

  /** A pipeline over these streams, with quick time-outs. */
  async pipeline(
    streams: { id: string; url: string; transport?: 'tcp' | 'udp'; scaleMPerPx?: number }[],
    more: RawConfig = {},
  ): Promise<LivePipeline> {
    const config = validateConfig({
      streams,
      detector: { model: this.modelPath, executionProvider: 'cpu', threads: 1, maxBatch: 1 },
      ingest: QUICK,
      ...more,
    });
    const log = (fields: object, message: string): void => void this.lines.push(`${JSON.stringify(fields)} ${message}`);
    const pipeline = await LivePipeline.start(config, { info: log, warn: log });
    this.#pipelines.push(pipeline);
    return pipeline;
  }

  async close(): Promise<void> {
    await Promise.all(this.#pipelines.map((p) => p.close()));
    await Promise.all([...this.#publishers.values()].map((p) => p.close()));
    await this.server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Waits until `condition` holds; fails with `what` after `timeoutMs`. */
export async function until(condition: () => boolean, what: string, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms, but it is not so that ${what}`);
    await sleep(20);
  }
}

export const stateOf = (pipeline: LivePipeline, id: string): StreamInfo => pipeline.streams().find((s) => s.id === id)!;

/** The next `count` track messages of one stream. */
export function collectTracks(pipeline: LivePipeline, stream: string, count: number): Promise<TrackMessage[]> {
  return new Promise((resolve, reject) => {
    const messages: TrackMessage[] = [];
    const timer = setTimeout(
      () => reject(new Error(`only ${messages.length} of ${count} frames of ${stream} came`)),
      30_000,
    );
    const stop = pipeline.onTracks((message) => {
      if (message.stream !== stream) return;
      messages.push(message);
      if (messages.length < count) return;
      clearTimeout(timer);
      stop();
      resolve(messages);
    });
  });
}
