import { CanvasRenderer } from '../overlay/canvas-renderer.js';
import { frameProbe } from '../overlay/frame-probe.js';
import { openWallGpu } from '../overlay/gpu/gpu-device.js';
import { GpuWall } from '../overlay/gpu/gpu-wall.js';
import { StreamFeed } from '../overlay/stream-feed.js';
import { TilePlayer } from '../overlay/tile-player.js';
import { placeTiles } from '../wall/tile-places.js';
import { containedRect, WALL_DEFAULTS } from '../wall/wall-layout.js';
import type { SourceRequest } from './frame-source.worker.js';
import { syntheticMessage } from './synthetic-message.js';

export interface BenchWallOptions {
  tiles: number;
  renderer: 'canvas' | 'webgpu';
  acceptSoftware: boolean;
  /** Different videos; the tiles share them. */
  sources: number;
  width: number;
  height: number;
  fps: number;
  tracks: number;
}

/** Counts since the start, over all tiles. */
export interface BenchCounts {
  /** Frames that the tiles should have shown. */
  due: number;
  /** Frames drawn with their overlay. */
  drawn: number;
  failure: string | null;
  /** `performance.now()` of the count. */
  atMs: number;
}

/** Chromium's: not in TypeScript's types. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { kind: 'video' });
  readonly writable: WritableStream<VideoFrame>;
}

/** A wall as the dashboard has it, players and renderers the very same, on videos that are made here. */
export class BenchWall {
  readonly adapter: string;
  readonly #options: BenchWallOptions;
  #generated: number[];
  #drawn = 0;
  failure: string | null = null;

  private constructor(options: BenchWallOptions, adapter: string) {
    this.#options = options;
    this.adapter = adapter;
    this.#generated = Array.from({ length: options.sources }, () => 0);
  }

  /** @throws Error with the reason where there is no such renderer here. */
  static async start(root: HTMLElement, options: BenchWallOptions): Promise<BenchWall> {
    if (options.renderer === 'canvas') {
      const bench = new BenchWall(options, 'none');
      frameProbe.listen(() => bench.#drawn++);
      bench.#build(root, null);
      return bench;
    }
    const answer = await openWallGpu(options.acceptSoftware);
    if (!answer.gpu) throw new Error(answer.reason);
    const bench = new BenchWall(options, answer.gpu.adapter + (answer.gpu.isSoftware ? ' (software)' : ''));
    const canvas = root.appendChild(document.createElement('canvas'));
    root.className = 'on-gpu';
    const wall = new GpuWall(canvas, answer.gpu, (reason) => (bench.failure ??= reason));
    wall.resize(root.clientWidth, root.clientHeight, devicePixelRatio);
    layOut(canvas, { x: 0, y: 0, width: root.clientWidth, height: root.clientHeight });
    frameProbe.listenDrawn(() => bench.#drawn++);
    bench.#build(root, wall);
    return bench;
  }

  counts(): BenchCounts {
    const { tiles, sources } = this.#options;
    let due = 0;
    for (let i = 0; i < tiles; i++) due += this.#generated[i % sources]!;
    return { due, drawn: this.#drawn, failure: this.failure, atMs: performance.now() };
  }

  #build(root: HTMLElement, wall: GpuWall | null): void {
    const { tiles, sources, width, height, tracks, fps } = this.#options;
    const streams = Array.from({ length: sources }, (_, i) => this.#source(i));
    const places = placeTiles(tiles, null, root.clientWidth, root.clientHeight).tiles;
    const feeds = places.map(({ place }, i) => {
      const room = { ...place, height: place.height - WALL_DEFAULTS.captionPx };
      const inRoom = containedRect(width / height, room.width, room.height);
      const picture = { ...inRoom, x: room.x + inRoom.x, y: room.y + inRoom.y };
      const video = root.appendChild(document.createElement('video'));
      Object.assign(video, {
        muted: true,
        autoplay: true,
        srcObject: new MediaStream([streams[i % sources]!.clone()]),
      });
      layOut(video, picture);
      const feed = new StreamFeed(String(i), { offsetMs: 0 });
      let renderer;
      if (wall) renderer = wall.tile(() => undefined);
      else {
        const canvas = root.appendChild(document.createElement('canvas'));
        layOut(canvas, picture);
        renderer = new CanvasRenderer(canvas);
      }
      renderer.resize({ picture, room, density: devicePixelRatio });
      new TilePlayer(video, feed, renderer, () => ({ labels: true, trails: true }));
      return feed;
    });
    let number = 0;
    setInterval(() => {
      number++;
      feeds.forEach((feed, i) => feed.add(syntheticMessage((number * 1e6) / fps, tracks, i)));
    }, 1000 / fps);
  }

  #source(index: number): MediaStreamTrack {
    const { width, height, fps } = this.#options;
    const generator = new MediaStreamTrackGenerator({ kind: 'video' });
    const worker = new Worker(new URL('./frame-source.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<number>) => (this.#generated[index] = data);
    const request: SourceRequest = { writable: generator.writable, width, height, fps, seed: index + 1 };
    worker.postMessage(request, [generator.writable]);
    return generator;
  }
}

function layOut(
  element: HTMLElement,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
) {
  Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
}
