import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { syntheticScene } from './synthetic-scene.js';

const cacheDir = mkdtempSync(join(tmpdir(), 'lanecast-chain-'));
afterAll(() => rmSync(cacheDir, { recursive: true }));

it('has one vehicle a crossing, also over the seam, at the speed that it drives', async () => {
  // 320 px wide, 40 px long: 360 px a crossing, so two in 4.5 s at 160 px/s; it begins half-way through one.
  const car = { widthPx: 40, heightPx: 24, speedPxPerS: 160, axis: 'x', lanePx: 100, phase: 0.5, luma: 220 } as const;
  const scene = await syntheticScene({ widthPx: 320, heightPx: 180, fps: 10, durationS: 4.5, boxes: [car], cacheDir });
  expect(scene.frameCount).toBe(45);
  const runs: { id: number; frames: number; fromX: number; toX: number }[] = [];
  for (let index = 0; index < 135; index++) {
    for (const { id, box, speedKmh } of scene.truthAt(index).vehicles) {
      expect(speedKmh).toBeCloseTo(160 * 0.05 * 3.6, 9);
      const run = runs.at(-1);
      if (run?.id === id) Object.assign(run, { frames: run.frames + 1, toX: box[0] });
      else runs.push({ id, frames: 1, fromX: box[0], toX: box[0] });
    }
  }
  expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length);
  expect(runs).toHaveLength(7);
  for (const { fromX, toX } of runs.slice(1, -1)) {
    expect(fromX).toBeLessThan(-20);
    expect(toX).toBeGreaterThan(300);
  }
});
