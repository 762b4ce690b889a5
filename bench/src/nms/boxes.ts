/** The boxes that `bench:nms` suppresses: four distributions, the same numbers on every machine. */
import { normal, seededRandom } from '@lanecast/server/core/random';

export const DISTRIBUTIONS = ['uniform', 'clustered', 'all overlapping', 'none overlapping'] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

export interface BoxSet {
  /** [N, 4]: x1, y1, x2, y2 in pixels. */
  boxes: Float32Array;
  /** [N], uniform in 0..1. */
  scores: Float32Array;
}

interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
}

const PICTURE_PX = 640;

/**
 * - `uniform`: centres anywhere in 640 x 640, sides 10-110 px: most boxes overlap many others a little.
 * - `clustered`: about 200 boxes around each of N / 200 such objects, as a detector's output has them.
 * - `all overlapping`: one object.
 * - `none overlapping`: a grid of boxes side by side; every box is kept.
 */
export function makeBoxes(distribution: Distribution, count: number, seed = 1): BoxSet {
  const random = seededRandom(seed);
  const between = (from: number, to: number): number => from + (to - from) * random();
  const anywhere = (): Placed => ({
    x: between(0, PICTURE_PX),
    y: between(0, PICTURE_PX),
    width: between(10, 110),
    height: between(10, 110),
  });
  const objects = Array.from({ length: Math.max(1, Math.round(count / 200)) }, anywhere);
  const columns = Math.ceil(Math.sqrt(count));
  const place: Record<Distribution, (index: number) => Placed> = {
    uniform: anywhere,
    clustered: () => {
      const object = objects[Math.floor(random() * objects.length)]!;
      return {
        x: object.x + 0.05 * object.width * normal(random),
        y: object.y + 0.05 * object.height * normal(random),
        width: object.width * Math.exp(0.05 * normal(random)),
        height: object.height * Math.exp(0.05 * normal(random)),
      };
    },
    'all overlapping': () => ({
      x: between(319, 321),
      y: between(319, 321),
      width: between(197, 203),
      height: between(197, 203),
    }),
    'none overlapping': (index) => ({
      x: 20 * (index % columns),
      y: 20 * Math.floor(index / columns),
      width: 10,
      height: 10,
    }),
  };
  const boxes = new Float32Array(4 * count);
  const scores = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const { x, y, width, height } = place[distribution](i);
    boxes.set([x - width / 2, y - height / 2, x + width / 2, y + height / 2], 4 * i);
    scores[i] = random();
  }
  return { boxes, scores };
}
