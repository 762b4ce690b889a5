import type { Config } from '@lanecast/server/config/schema';
import type { DecodeStats, DetectorInfo, Stage, StageSummary } from '@lanecast/server/pipeline/api';
import type { Log } from '@lanecast/server/core/log';
import { LivePipeline } from '@lanecast/server/pipeline/live-pipeline';
import { type Resources, ResourceWatch, type UsageSource } from './resources.js';

/** One stream over the measured time. */
export interface StreamResult {
  id: string;
  width: number;
  height: number;
  /** Detected frames per second. */
  fps: number;
  decodedFps: number;
  /** `(decoded - detected) / decoded`. */
  dropRate: number;
  packetsLost: number;
  unitsDamaged: number;
}

/** One configuration over the measured time. */
export interface RunResult {
  label: string;
  detector: DetectorInfo | null;
  seconds: number;
  streams: StreamResult[];
  consumerFps: number;
  meanBatch: number;
  stages: Record<Stage, StageSummary>;
  /** Processor seconds used per second, this process with all its threads. */
  cpuCores: number;
  rssMiB: number;
  /** Results of before decoding had a choice lack this and the next. */
  decode?: DecodeStats;
  resources?: Resources;
  notices?: string[];
}

export interface MeasureOptions {
  label: string;
  config: Config;
  warmupS: number;
  durationS: number;
  log: Log;
  /** The processes that publish the streams, where they are ours. */
  publishers?: UsageSource | null;
}

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Runs the whole pipeline (no viewers) on the configured streams and measures between warm-up and end. */
export async function measure({
  label,
  config,
  warmupS,
  durationS,
  log,
  publishers,
}: MeasureOptions): Promise<RunResult> {
  const pipeline = await LivePipeline.start(config, log);
  try {
    await sleep(warmupS);
    const watch = await ResourceWatch.start(publishers ?? null);
    pipeline.clearTimings();
    const before = pipeline.streams();
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    await sleep(durationS);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    const after = pipeline.streams();
    const stats = pipeline.stats();
    const resources = await watch.stop();
    const streams = after.map((stream, i): StreamResult => {
      const was = before[i]!.counters;
      const now = stream.counters;
      const decoded = now.decoded - was.decoded;
      const detected = now.detected - was.detected;
      return {
        id: stream.id,
        width: stream.width,
        height: stream.height,
        fps: detected / seconds,
        decodedFps: decoded / seconds,
        dropRate: decoded > 0 ? Math.max(0, decoded - detected) / decoded : 0,
        packetsLost: now.packetsLost - was.packetsLost,
        unitsDamaged: now.unitsDamaged - was.unitsDamaged,
      };
    });
    return {
      label,
      detector: stats.detector,
      seconds,
      streams,
      consumerFps: streams.reduce((sum, s) => sum + s.fps, 0),
      meanBatch: stats.meanBatch,
      stages: stats.stages,
      cpuCores: (cpu.user + cpu.system) / 1e6 / seconds,
      rssMiB: process.memoryUsage().rss / 2 ** 20,
      decode: stats.decode,
      resources,
      notices: stats.notices,
    };
  } finally {
    await pipeline.close();
  }
}
