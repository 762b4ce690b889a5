import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeClip } from '@lanecast/scripts/clips/encoder';
import { Painter } from '@lanecast/scripts/clips/painter';
import { boxesAt, type MovingBox, type Scene } from '@lanecast/scripts/clips/scene';
import { TRUTH_FORMAT, TRUTH_VERSION, type TruthFile } from '@lanecast/scripts/world/truth';
import { frameCounterCells, frameCounterLayout } from '@lanecast/server/core/frame-counter';
import { seededRandom } from '@lanecast/server/core/random';
import type { ChainScene } from '../../dist/chain/scene.js';

const FPS = 25;
const DURATION_S = 8;
const SCALE_M_PER_PX = 0.05;

/** Cars that the rig's detector knows, each of which crosses once in a loop. */
const BOXES: MovingBox[] = [
  { widthPx: 64, heightPx: 40, speedPxPerS: 100, axis: 'x', lanePx: 80, phase: 0.1, luma: 225 },
  { widthPx: 64, heightPx: 40, speedPxPerS: -110, axis: 'x', lanePx: 220, phase: 0.5, luma: 225 },
];

/** Writes a synthetic clip with the frame counter in its corner; with its truth. */
export async function countedScene(directory: string, name: string): Promise<ChainScene> {
  const scene: Scene = { widthPx: 640, heightPx: 360, durationS: DURATION_S, boxes: BOXES };
  const frameCount = FPS * DURATION_S;
  const clip = join(directory, `${name}.mp4`);
  const painter = new Painter(scene.widthPx, scene.heightPx, seededRandom(1));
  function* pictures(): Generator<Buffer> {
    for (let frame = 0; frame < frameCount; frame++) {
      const picture = painter.paint(boxesAt(scene, frame / FPS), BOXES);
      paintCounter(picture, scene.widthPx, frame);
      yield picture;
    }
  }
  await encodeClip(clip, pictures(), {
    codec: 'h264',
    widthPx: scene.widthPx,
    heightPx: scene.heightPx,
    fps: FPS,
    gopLength: FPS,
    bFrames: 0,
    container: 'mp4',
  });
  return {
    name,
    clip,
    width: scene.widthPx,
    height: scene.heightPx,
    fps: FPS,
    frameCount,
    calibration: { scaleMPerPx: SCALE_M_PER_PX },
    truthAt: (index) => ({
      vehicles: boxesAt(scene, (index % frameCount) / FPS).map(({ id, box }) => ({
        id: 1000 * id + crossingOf(BOXES[id]!, index / frameCount),
        class: 'car',
        box,
        occlusion: 0,
        groundM: [SCALE_M_PER_PX * box[0], SCALE_M_PER_PX * box[1]],
        speedKmh: Math.abs(BOXES[id]!.speedPxPerS) * SCALE_M_PER_PX * 3.6,
      })),
    }),
  };
}

/** Each crosses once a loop and is outside in between, but not at the seam: what crosses it is one vehicle. */
function crossingOf({ phase, speedPxPerS }: MovingBox, loops: number): number {
  return Math.floor(loops + phase * Math.sign(speedPxPerS));
}

/** Writes the truth of a scene beside its clip, in the format of the simulated world (what the reader needs of it). */
export function writeTruth(scene: ChainScene): void {
  const { name, fps, frameCount, width, height, clip } = scene;
  const corners: [number, number][] = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
  const file: Omit<TruthFile, 'camera' | 'imageToGround' | 'vehicles'> & { vehicles: object[] } = {
    format: TRUTH_FORMAT,
    version: TRUTH_VERSION,
    scene: name,
    title: name,
    seed: 1,
    fps,
    frameCount,
    loops: true,
    mostLaps: 1,
    widthPx: width,
    heightPx: height,
    laneWidthM: 3,
    calibration: {
      imagePx: corners,
      groundM: corners.map(([x, y]) => [SCALE_M_PER_PX * x, SCALE_M_PER_PX * y]),
    },
    vehicles: BOXES.map(() => ({ class: 'car', parked: false })),
    frames: Array.from({ length: frameCount }, (_, frame) =>
      scene.truthAt(frame).vehicles.map(({ id, box, groundM, speedKmh }) => {
        const index = Math.round(id / 1000);
        const newest = BOXES[index]!.speedPxPerS > 0 ? 1 : 0;
        const lap = newest - crossingOf(BOXES[index]!, frame / frameCount);
        return [index + 1, lap, ...box, 0, 0, ...groundM, speedKmh];
      }),
    ),
  };
  writeFileSync(clip.replace(/\.mp4$/, '.json.gz'), gzipSync(JSON.stringify(file)));
}

function paintCounter(picture: Buffer, widthPx: number, frameNo: number): void {
  const { cellPx, xPx, yPx, coveredWidthPx, coveredHeightPx } = frameCounterLayout(widthPx);
  const fill = (x: number, y: number, width: number, height: number, luma: number): void => {
    for (let row = y; row < y + height; row++) picture.fill(luma, row * widthPx + x, row * widthPx + x + width);
  };
  fill(0, 0, coveredWidthPx, coveredHeightPx, 16);
  frameCounterCells(frameNo).forEach((white, cell) => {
    if (white) fill(xPx + cell * cellPx, yPx, cellPx, cellPx, 235);
  });
}
