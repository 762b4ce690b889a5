import type { Registry } from 'prom-client';

import type { OutputStats } from '../outputs/output-stats.js';
import type { PipelineStats } from '../pipeline/api.js';
import type { StreamInfo } from '../core/types.js';
import type { GpuMemory } from './gpu-memory.js';
import type { StageHealth } from './liveness/liveness-policy.js';
import { counter, gauge } from './metric-makers.js';

/** What the probes answer, as figures. */
export interface HealthFigures {
  alive: boolean;
  ready: boolean;
  stages: readonly StageHealth[];
}

interface Scrape {
  streams: StreamInfo[];
  stats: PipelineStats;
  outputs: OutputStats;
  health: HealthFigures | null;
}

/** Whether all is well, what was dropped on purpose and by which rule, what had to be started again. */
export function healthMetrics(registry: Registry): ((scrape: Scrape) => void)[] {
  const alive = gauge(registry, 'alive', '1 if every stage that has input makes progress, as /healthz answers');
  const ready = gauge(registry, 'ready', '1 if frames flow, as /readyz answers');
  const stalled = gauge(registry, 'stage_stalled_seconds', 'Time for which a stage has had work and done none', [
    'stage',
  ]);
  const restarts = counter(registry, 'worker_restarts_total', 'Worker threads that died and were replaced', ['worker']);
  const framesFailed = counter(registry, 'detector_frames_failed_total', 'Frames lost to an inference that failed');
  const gpuLosses = counter(registry, 'detector_gpu_losses_total', 'Times that detection gave the GPU up');
  const dropped = counter(
    registry,
    'dropped_total',
    'What was dropped on purpose, by the queue that was full and the rule that it has',
    ['queue', 'policy'],
  );
  return [
    ({ health }) => {
      for (const metric of [alive, ready, stalled]) metric.reset();
      if (!health) return;
      alive.set(health.alive ? 1 : 0);
      ready.set(health.ready ? 1 : 0);
      for (const { name, stalledMs } of health.stages) stalled.set({ stage: name }, stalledMs / 1000);
    },
    ({ stats, outputs }) => {
      restarts.reset();
      restarts.set({ worker: 'ingest' }, stats.restarts?.ingest ?? 0);
      restarts.set({ worker: 'detector' }, stats.restarts?.detector ?? 0);
      for (const metric of [framesFailed, gpuLosses]) metric.reset();
      if (stats.detectorFaults) {
        framesFailed.set({}, stats.detectorFaults.framesLost);
        gpuLosses.set({}, stats.detectorFaults.gpuLosses);
      }
      restarts.set({ worker: 'media' }, outputs.webrtc.restarts ?? 0);
      restarts.set({ worker: 'compositor' }, outputs.mjpeg.compositorRestarts);
    },
    ({ streams, outputs: { mjpeg, events, webrtc } }) => {
      const replaced = streams.reduce((sum, { counters }) => sum + counters.framesReplaced, 0);
      dropped.reset();
      dropped.set({ queue: 'detector', policy: 'newer replaces older' }, replaced);
      dropped.set({ queue: 'mjpeg client', policy: 'newer replaces older' }, mjpeg.jpegsReplaced);
      dropped.set({ queue: 'event client', policy: 'newer replaces older' }, events.replaced);
      dropped.set({ queue: 'media worker', policy: 'all until the next keyframe' }, webrtc.unitsMissed);
      dropped.set({ queue: 'webrtc viewer', policy: 'all until the next keyframe' }, webrtc.unitsDropped);
      dropped.set({ queue: 'tracks channel', policy: 'the newest' }, webrtc.tracksDropped);
    },
  ];
}

/** Of the machine's NVIDIA GPUs; nothing where there is none. */
export function gpuMetrics(registry: Registry, memory: GpuMemory): (() => void)[] {
  const used = gauge(registry, 'gpu_memory_used_bytes', 'Memory of the GPU in use, by all programs', ['gpu', 'name']);
  const total = gauge(registry, 'gpu_memory_total_bytes', 'Memory of the GPU', ['gpu', 'name']);
  const busy = gauge(registry, 'gpu_utilization_ratio', 'Share of time in which the GPU was at work, 0..1', [
    'gpu',
    'name',
  ]);
  return [
    () => {
      for (const metric of [used, total, busy]) metric.reset();
      for (const { index: gpu, name, memoryUsedBytes, memoryTotalBytes, utilization } of memory.latest()) {
        used.set({ gpu, name }, memoryUsedBytes);
        total.set({ gpu, name }, memoryTotalBytes);
        if (utilization !== null) busy.set({ gpu, name }, utilization);
      }
    },
  ];
}
