import type { ModelEntry } from '@lanecast/server/core/model-entry';
import { describe, expect, it } from 'vitest';
import type { BrowserDetector, startBrowserDetector } from './browser-detector.js';
import { startFittingDetector } from './fitting-detector.js';

const models = [
  [416, 256],
  [640, 384],
  [320, 192],
].map(([width, height]) => ({ width, height }) as ModelEntry);
const events = { onDetections: () => undefined, onProgress: () => undefined, onFailure: () => undefined };

/** A machine that works through so many pixels a second. */
function machine(pixelsPerSecond: number) {
  const started: number[] = [];
  const closed: number[] = [];
  const start: typeof startBrowserDetector = ({ model: { width, height } }) => {
    started.push(width);
    return Promise.resolve({
      benchmark: () => Promise.resolve(pixelsPerSecond / (width * height)),
      close: () => closed.push(width),
    } as unknown as BrowserDetector);
  };
  return { start, started, closed };
}

const options = { models, wantedPerSecond: 50, backend: 'auto', scoreThreshold: 0.1, maxRows: 300 } as const;

describe('startFittingDetector', () => {
  it('keeps the largest size where the machine keeps up', async () => {
    const { start, started, closed } = machine(100 * 640 * 384);
    const { perSecond, policy } = await startFittingDetector(options, events, start);
    expect([started, closed, policy.index]).toEqual([[640], [], 0]);
    expect(perSecond).toBeCloseTo(100);
  });

  it('takes the size that fits, and lets go of the first', async () => {
    const { start, started, closed } = machine(60 * 416 * 256);
    const { perSecond } = await startFittingDetector(options, events, start);
    expect([started, closed]).toEqual([[640, 416], [640]]);
    expect(perSecond).toBeCloseTo(60);
  });

  it('takes the smallest where none fits', async () => {
    const { start, started } = machine(1e5);
    await startFittingDetector(options, events, start);
    expect(started).toEqual([640, 320]);
  });
});
