import type { RunResult } from './measure.js';

/** How much of its main resources a run used, as shares of 1, fullest first; empty for results without them. */
export function resourceShares({ resources, stages, consumerFps, meanBatch }: RunResult): [string, number][] {
  if (!resources) return [];
  const { gpu, busyCores, cores, mainThreadShare } = resources;
  const batchesPerS = meanBatch > 0 ? consumerFps / meanBatch : 0;
  const shares: [string, number][] = [
    ['processors', busyCores / cores],
    ['main thread', mainThreadShare],
    // Inference is one batch's, suppression one frame's; both are on this thread.
    ['detector thread', (batchesPerS * stages.infer.meanMs + consumerFps * stages.nms.meanMs) / 1000],
  ];
  if (gpu) shares.push(['GPU', gpu.gpuPercent.mean / 100], ['NVDEC', gpu.nvdecPercent.mean / 100]);
  return shares.sort((a, b) => b[1] - a[1]);
}
