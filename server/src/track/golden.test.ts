import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../core/types.js';
import { ByteTracker } from './byte-tracker.js';
import type { ByteTrackerOptions } from './options.js';

// Output of the authors' implementation. It cannot be committed (licence of the detections).
const shared = process.env['LANECAST_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared');
const folder = resolve(shared, 'golden/bytetrack');
const isMissing = !existsSync(folder);

const SEQUENCES = ['KITTI-13', 'KITTI-17', 'PETS09-S2L1', 'TUD-Campus', 'TUD-Stadtmitte'];
const CONFIGS: Record<string, Partial<ByteTrackerOptions>> = {
  t70: { trackThreshold: 0.7, matchThreshold: 0.8, trackBuffer: 30, fuseScore: true },
  t60b60: { trackThreshold: 0.6, matchThreshold: 0.9, trackBuffer: 60, fuseScore: true },
  m20: { trackThreshold: 0.7, matchThreshold: 0.8, trackBuffer: 30, fuseScore: false },
};

function readRows(path: string): number[][] {
  const lines = readFileSync(resolve(folder, path), 'utf8').trim().split('\n');
  return lines.map((line) => line.split(',').map(Number)).filter((row) => Number.isFinite(row[0]));
}

function byFrame<T>(rows: number[][], map: (row: number[]) => T): Map<number, T[]> {
  const frames = new Map<number, T[]>();
  for (const row of rows) frames.set(row[0]!, [...(frames.get(row[0]!) ?? []), map(row)]);
  return frames;
}

const toDetection = ([, x, y, w, h, score]: number[]): Detection => ({
  x1: x!,
  y1: y!,
  x2: x! + w!,
  y2: y! + h!,
  score: score!,
  classIndex: 0,
});

describe(`reference output${isMissing ? ' (skipped: ../shared/golden/bytetrack is not here)' : ''}`, () => {
  for (const sequence of SEQUENCES) {
    for (const [config, options] of Object.entries(CONFIGS)) {
      it.skipIf(isMissing)(`${sequence} ${config}: the same ids and boxes on every frame`, () => {
        const detections = readRows(`${sequence}/detections.csv`);
        const frames = byFrame(detections, toDetection);
        const expected = byFrame(readRows(`${sequence}/tracks.${config}.csv`), (row) => row);
        const lastFrame = detections.at(-1)![0]!;
        const tracker = new ByteTracker({ ...options, frameRate: 30 });
        let worstPx = 0;
        for (let frame = 1; frame <= lastFrame; frame++) {
          // Whole microseconds, as from a container: steps of 33,333 and 33,334.
          const tracks = tracker.update(frames.get(frame) ?? [], Math.round((frame * 1e6) / 30));
          const wanted = expected.get(frame) ?? [];
          expect(tracks.map(({ id }) => id)).toEqual(wanted.map(([, id]) => id));
          tracks.forEach((track, index) => {
            const [, , x1, y1, x2, y2, score] = wanted[index]!;
            const differences = [track.x1 - x1!, track.y1 - y1!, track.x2 - x2!, track.y2 - y2!];
            worstPx = Math.max(worstPx, ...differences.map(Math.abs));
            expect(track.score).toBeCloseTo(score!, 6);
          });
        }
        expect(worstPx).toBeLessThan(1e-4); // the files have four decimals
      });
    }
  }
});
