import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { Truth, TRUTH_FORMAT, TRUTH_VERSION, type TruthFile } from './truth.js';

const directory = mkdtempSync(join(tmpdir(), 'lanecast-truth-'));
afterAll(() => rmSync(directory, { recursive: true }));

const CAR = { class: 'car', model: 'saloon', lengthM: 4.6, widthM: 1.8, heightM: 1.4, parked: false } as const;

/** Two frames. Vehicle 1 is still there when the loop begins again; vehicle 2 passes within it; 3 is parked. */
const FILE: TruthFile = {
  format: TRUTH_FORMAT,
  version: TRUTH_VERSION,
  scene: 'test',
  title: 'Test',
  seed: 1,
  fps: 25,
  frameCount: 2,
  loops: true,
  mostLaps: 1,
  widthPx: 640,
  heightPx: 360,
  laneWidthM: 3.5,
  camera: { position: [0, 0, 8], panDeg: 90, tiltDeg: 10, fovDeg: 50 },
  imageToGround: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  calibration: { imagePx: [], groundM: [] },
  vehicles: [CAR, { ...CAR, class: 'bus' }, { ...CAR, parked: true }],
  frames: [
    [
      [1, 1, 100, 100, 40, 30, 0, 0, 1, 2, 50],
      [3, 0, 5, 6, 7, 8, 0.5, 0.1, 3, 4, 0, 4, 5, 9, 10],
    ],
    [
      [1, 0, 20, 100, 40, 30, 0, 0, 1, 2, 50],
      [2, 0, 300, 100, 90, 60, 0, 0, 1, 2, 40],
      [3, 0, 5, 6, 7, 8, 0, 0, 3, 4, 0],
    ],
  ],
};

function written(name: string, content: unknown, zipped = true): string {
  const path = join(directory, name);
  const text = JSON.stringify(content);
  writeFileSync(path, zipped ? gzipSync(text) : text);
  return path;
}

describe('Truth', () => {
  it('reads what was written, zipped or not', () => {
    for (const [name, zipped] of [
      ['truth.json.gz', true],
      ['truth.json', false],
    ] as const) {
      const truth = Truth.read(written(name, FILE, zipped));
      expect(truth.objects(0)[1]).toEqual({
        id: 3,
        class: 'car',
        box: [5, 6, 7, 8],
        silhouette: [4, 5, 9, 10],
        occlusion: 0.5,
        truncation: 0.1,
        groundM: [3, 4],
        speedKmh: 0,
      });
      expect(truth.objects(1)[1]).toMatchObject({ class: 'bus', silhouette: [300, 100, 90, 60] });
    }
  });

  it('keeps the id of a vehicle over the seam and gives that of another passage another', () => {
    const truth = new Truth(FILE);
    const id = (frame: number, loop: number, index: number): number => truth.objects(frame, loop)[index]!.id;
    expect(id(0, 1, 0)).toBe(id(1, 0, 0));
    expect(id(0, 2, 0)).toBe(id(1, 1, 0));
    expect(id(1, 1, 0)).not.toBe(id(1, 0, 0));
    expect(id(1, 1, 1)).not.toBe(id(1, 0, 1));
    expect(id(0, 5, 1)).toBe(id(0, 0, 1));
    const all = [0, 1, 2].flatMap((loop) => [0, 1].flatMap((frame) => truth.objects(frame, loop).map((o) => o.id)));
    // One of before the first loop, three of vehicle 1, three of vehicle 2, one parked.
    expect(new Set(all).size).toBe(8);
    expect(Math.min(...all)).toBeGreaterThan(0);
  });

  it('says what is wrong', () => {
    expect(() => Truth.read(join(directory, 'absent.json'))).toThrow(
      expect.objectContaining({ code: 'truth-unreadable', message: expect.stringContaining('absent.json') as string }),
    );
    expect(() => Truth.read(written('other.json', { format: 'coco' }, false))).toThrow(/coco version undefined/);
    expect(() => Truth.read(written('old.json', { ...FILE, version: 0 }, false))).toThrow(/npm run world/);
    expect(() => new Truth(FILE).objects(2)).toThrow(/frames 0 to 1/);
    expect(() => new Truth({ ...FILE, loops: false }).objects(0, 1)).toThrow(/does not loop/);
  });
});
