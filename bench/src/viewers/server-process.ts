/** Entry of the process that is measured: the server's way from cameras' packets to viewers, without detection. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { WebRtcSection } from '@lanecast/server/config/schema';
import { messageOf } from '@lanecast/server/core/errors';
import { rtpTimestampOf } from '@lanecast/server/core/timeline';
import type { StreamInfo, TrackMessage } from '@lanecast/server/core/types';
import { openPacketSubscription } from '@lanecast/server/ingest/packet-tap';
import { systemClock } from '@lanecast/server/ops/clock';
import { MediaHost } from '@lanecast/server/outputs/webrtc/media-host';
import {
  type WebRtcDependencies,
  WebRtcService,
  type WebRtcStats,
} from '@lanecast/server/outputs/webrtc/webrtc-service';
import type { PipelineStats } from '@lanecast/server/pipeline/api';
import * as v from 'valibot';
import {
  createPeerOf,
  type Engine,
  type Place,
  startOnMainThread,
  startWorker,
  THREAD_NUMBER,
  THREAD_SOCKETS,
  THREAD_TIMERS,
} from './media-places.js';
import type { PacketsOrder, UnitArrived } from './packets-worker.js';
import { type ActiveResources, type Held, held, readThreadCpuMs } from './usage.js';

export type ServerOrder = { kind: 'start'; urls: readonly string[]; engine: Engine; place: Place } | { kind: 'usage' };

export interface ServerUsage {
  kind: 'usage';
  atMs: number;
  cpuMs: number;
  /** null where the media thread is the main thread. */
  mediaCpuMs: number | null;
  /** Of the main thread since the last answer, milliseconds above the sampling interval. */
  loopDelayP99Ms: number;
  held: Held;
  /** Of the media worker; null where there is none. */
  media: ActiveResources | null;
  stats: WebRtcStats;
}

/** Exactly one answer to each order. */
export type ServerMessage = { kind: 'ready'; url: string } | { kind: 'failed'; message: string } | ServerUsage;

const DELAY_RESOLUTION_MS = 10;
const WIDTH = 1280;
const HEIGHT = 720;
/** On every frame: a street with some traffic. */
const VEHICLES = 6;

const answer = (message: ServerMessage): void => void process.send?.(message);
const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
let usage: (() => ServerUsage) | null = null;

async function start(urls: readonly string[], engine: Engine, place: Place): Promise<void> {
  const packets = new Worker(new URL('./packets-worker.js', import.meta.url), { workerData: { urls } });
  const listeners = new Set<(message: TrackMessage, receivedAtMs: number | null) => void>();
  const streams = urls.map((url, index) => ({
    id: `stream${index}`,
    index,
    url,
    webrtcFault: null,
    calibrated: 'scale',
  }));
  packets.on('message', ({ index, ptsUs }: UnitArrived) => {
    const message = tracksOf(`stream${index}`, ptsUs);
    for (const listener of listeners) listener(message, systemClock.nowMs());
  });
  const pipeline: WebRtcDependencies['pipeline'] = {
    lending: null,
    streams: () => streams as Partial<StreamInfo>[] as StreamInfo[],
    stats: () => ({ detector: { classes: ['car'] } }) as unknown as PipelineStats,
    packets: (id: string) => {
      const { subscription, far } = openPacketSubscription();
      const index = streams.findIndex((stream) => stream.id === id);
      packets.postMessage({ index, port: far, progress: subscription.progress } satisfies PacketsOrder, [far]);
      return subscription;
    },
    onTracks: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onStreams: () => () => undefined,
    openLiveTile: () => {
      throw new Error('nothing is transcoded here');
    },
  };
  const createPeer = place === 'main' ? await createPeerOf(engine) : null;
  let thread: Int32Array | null = null;
  const webrtc = new WebRtcService({
    pipeline,
    // What it measures is what happens then.
    config: v.parse(WebRtcSection, { refuseWhenBusy: false }),
    clock: systemClock,
    log: { info: () => undefined, warn: (_, text) => void process.stderr.write(`${text}\n`) },
    createMedia: (options) =>
      new MediaHost({
        ...options,
        createWorker: (data) => {
          if (createPeer) return startOnMainThread(data, createPeer);
          const started = startWorker(data, engine);
          thread = started.thread;
          return started.worker;
        },
      }),
  });
  const server = createServer().on('upgrade', (request, socket, head) => webrtc.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  delay.enable();
  usage = () => {
    const { user, system } = process.cpuUsage();
    const loopDelayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS);
    delay.reset();
    return {
      kind: 'usage',
      atMs: performance.now(),
      cpuMs: (user + system) / 1000,
      mediaCpuMs: thread ? readThreadCpuMs(thread[THREAD_NUMBER]!) : null,
      loopDelayP99Ms,
      held: held(),
      media: thread ? { sockets: thread[THREAD_SOCKETS]!, timers: thread[THREAD_TIMERS]! } : null,
      stats: webrtc.stats(),
    };
  };
  answer({ kind: 'ready', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws` });
}

function tracksOf(stream: string, ptsUs: number): TrackMessage {
  const tracks = Array.from({ length: VEHICLES }, (_, i) => ({
    id: i + 1,
    class: 'car',
    score: 0.9,
    box: [100 + 150 * i, 300, 80, 60] as [number, number, number, number],
    speedKmh: 48,
    speedSigmaKmh: 2,
  }));
  return { stream, ptsUs, rtpTimestamp: rtpTimestampOf(ptsUs), epoch: 1, width: WIDTH, height: HEIGHT, tracks };
}

process.on('message', (order: ServerOrder) => {
  if (order.kind === 'usage') {
    answer(usage?.() ?? { kind: 'failed', message: 'it was not started' });
    return;
  }
  start(order.urls, order.engine, order.place).catch((error: unknown) =>
    answer({ kind: 'failed', message: messageOf(error) }),
  );
});
process.on('disconnect', () => process.exit());
