import { syntheticClip, type SyntheticClip, type SyntheticClipOptions } from '@lanecast/scripts/clips/synthetic-clip';
import type { ChainScene } from './scene.js';
import type { TruthFrame } from './truth.js';
import { UnrolledTruth } from './unrolled-truth.js';

/** Metres a pixel: the rectangles of 90 to 180 px/s drive 16 to 32 km/h. */
const SCALE_M_PER_PX = 0.05;

/** A scene of moving rectangles on a plane that is seen from above: no perspective, nothing hidden. */
export async function syntheticScene(options: SyntheticClipOptions = {}): Promise<ChainScene> {
  const clip = await syntheticClip(options);
  const truth = new UnrolledTruth(vehiclesOf(clip));
  return {
    name: `synthetic-${options.seed ?? 1}`,
    clip: clip.path,
    width: clip.widthPx,
    height: clip.heightPx,
    fps: clip.fps,
    calibration: { scaleMPerPx: SCALE_M_PER_PX },
    frameCount: clip.truth.length,
    truthAt: (index) => truth.at(index),
  };
}

/** A rectangle that crosses the picture several times in a loop is another vehicle each time. */
function vehiclesOf({ truth, boxes }: Pick<SyntheticClip, 'truth' | 'boxes'>): TruthFrame[] {
  const last = new Map<number, { frame: number; position: number; vehicle: number }>();
  let vehicles = 0;
  const place = (rectangle: number, frame: number): number => {
    const moving = boxes[rectangle]!;
    const { box } = truth[frame % truth.length]!.find(({ id }) => id === rectangle)!;
    const position = Math.sign(moving.speedPxPerS) * box[moving.axis === 'x' ? 0 : 1];
    const before = last.get(rectangle);
    const goesOn = before?.frame === frame - 1 && before.position <= position;
    const vehicle = goesOn ? before.vehicle : ++vehicles;
    last.set(rectangle, { frame, position, vehicle });
    return vehicle;
  };
  const round = (from: number): number[][] => truth.map((shown, i) => shown.map(({ id }) => place(id, from + i)));
  // Who is under way at the end of the second round is who was under way at its beginning.
  round(0);
  const placed = round(truth.length);
  const names = new Map(truth[0]!.map(({ id }, k) => [place(id, 2 * truth.length), placed[0]![k]!]));
  return truth.map((shown, i) => ({
    vehicles: shown.map(({ id, box }, k) => ({
      id: names.get(placed[i]![k]!) ?? placed[i]![k]!,
      class: 'car',
      box,
      occlusion: 0,
      groundM: [(box[0] + box[2] / 2) * SCALE_M_PER_PX, (box[1] + box[3]) * SCALE_M_PER_PX],
      speedKmh: Math.abs(boxes[id]!.speedPxPerS) * SCALE_M_PER_PX * 3.6,
    })),
  }));
}
