import type { ProcessUsage } from '../pipeline/api.js';

/** What the process holds now. Memory but the resident is that of the main thread. */
export function processUsage(): Omit<ProcessUsage, 'eventLoopDelayP99Ms'> {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const activeResources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) activeResources[kind] = (activeResources[kind] ?? 0) + 1;
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    arrayBuffersBytes: arrayBuffers,
    activeResources,
  };
}
