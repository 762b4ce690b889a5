/** Random problems for holding backends against the definition, from ordinary to hostile. Pure: a seed is a case. */
import type { SingleNmsOptions } from './types.js';

export interface CheckCase {
  seed: number;
  kind: string;
  boxes: Float32Array;
  scores: Float32Array;
  /** Also where `options` does not use them. */
  classes: Int32Array;
  options: SingleNmsOptions;
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Corners = [x1: number, y1: number, x2: number, y2: number];
type Source = (i: number, random: () => number, seedState: number[]) => Corners;

const around = (x: number, y: number, width: number, height: number): Corners => [
  x - width / 2,
  y - height / 2,
  x + width / 2,
  y + height / 2,
];
const between = (random: () => number, least: number, most: number) => least + random() * (most - least);
const anySign = (random: () => number) => (random() < 0.5 ? -1 : 1);
const specials = [0, -0, 1, NaN, Infinity, -Infinity, 1e-45, 1e-38, 3e38, -3e38, 1e19, 2 ** 24, 2 ** -75];

const SOURCES: Record<string, Source> = {
  uniform: (_, r) => around(640 * r(), 640 * r(), between(r, 10, 110), between(r, 10, 110)),
  clustered: (i, r, state) => {
    if (i % 50 === 0) state.splice(0, 4, 640 * r(), 640 * r(), between(r, 10, 110), between(r, 10, 110));
    const [x, y, w, h] = state as Corners;
    return around(x + between(r, -8, 8), y + between(r, -8, 8), w * between(r, 0.7, 1.4), h * between(r, 0.7, 1.4));
  },
  overlapping: (_, r) => around(320 + 5 * r(), 320 + 5 * r(), 200 + 20 * r(), 200 + 20 * r()),
  apart: (i) => around(20 * (i % 40), 20 * Math.floor(i / 40), 12, 12),
  // Each box suppresses just the next ones in its row: who is kept alternates.
  chain: (i, r) => [3 * i + (r() < 0.1 ? 1 : 0), 0, 3 * i + 10, 10],
  'identical grid': (i) => around(10 * (i % 5), 10 * (Math.floor(i / 5) % 5), 10, 10),
  integers: (_, r) => {
    const [x, y] = [Math.floor(30 * r()), Math.floor(30 * r())];
    return [x, y, x + Math.floor(12 * r()), y + Math.floor(12 * r())];
  },
  'mixed scales': (_, r) => {
    const size = () => 2 ** between(r, 1, 11);
    return around(between(r, -200, 2200), between(r, -200, 2200), size(), size());
  },
  'wild exponents': (_, r) => {
    const unit = 2 ** between(r, -140, 120);
    return around(unit * between(r, -2, 2), unit * between(r, -2, 2), unit * (0.1 + r()), unit * (0.1 + r()));
  },
  'areas that underflow': (_, r) => {
    const unit = 2 ** between(r, -76, -46);
    return around(unit * r(), unit * r(), unit * (0.5 + r()), unit * (0.5 + r()));
  },
  'far from the origin': (_, r) => {
    const x = anySign(r) * 2 ** between(r, 20, 26);
    return [x, -x, x + Math.floor(40 * r()), -x + Math.floor(40 * r())];
  },
  slivers: (_, r) => around(100 * r(), 100 * r(), 2 ** between(r, -8, 8), 2 ** between(r, -8, 8)),
  anything: (_, r) => {
    const number = () =>
      r() < 0.4 ? specials[Math.floor(specials.length * r())]! : anySign(r) * 2 ** between(r, -149, 127.9);
    return [number(), number(), number(), number()];
  },
  'now and then odd': (_, r) => {
    const box = around(200 * r(), 200 * r(), between(r, -3, 60), between(r, -3, 60));
    if (r() < 0.05) box[Math.floor(4 * r())] = specials[Math.floor(specials.length * r())]!;
    return box;
  },
};

export const CASE_KINDS = Object.keys(SOURCES);

const THRESHOLDS = [0, 1e-45, 1e-7, 2 ** -20, 0.01, 0.1, 0.3, 0.45, 0.5, 0.7, 0.9, 0.99, 1];

const SCORES: readonly ((i: number, random: () => number) => number)[] = [
  (_, r) => r(),
  (_, r) => Math.floor(4 * r()) / 4,
  () => 0.5,
  (i) => -i,
  (_, r) => (r() < 0.5 ? 0 : -0),
  (_, r) => (r() < 0.1 ? specials[Math.floor(specials.length * r())]! : between(r, -1, 1)),
];

/** Case number `seed`, of at most `largest` boxes (mostly far fewer). */
export function makeCase(seed: number, largest: number): CheckCase {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(list.length * random())]!;
  const kind = pick(CASE_KINDS);
  const source = SOURCES[kind]!;
  const count = Math.floor((largest + 1) * random() ** 4);
  const scoreOf = pick(SCORES);
  const classCount = pick([1, 2, 5, 80]);
  const boxes = new Float32Array(4 * count);
  const scores = new Float32Array(count);
  const classes = new Int32Array(count);
  const state: number[] = [];
  for (let i = 0; i < count; i++) {
    boxes.set(source(i, random, state), 4 * i);
    scores[i] = scoreOf(i, random);
    classes[i] = Math.floor(classCount * random()) - (classCount === 5 ? 2 : 0);
  }
  const options: SingleNmsOptions = { iouThreshold: random() < 0.7 ? pick(THRESHOLDS) : random() };
  if (random() < 0.3) options.classes = classes;
  if (random() < 0.2) options.scoreThreshold = between(random, -0.2, 1);
  if (random() < 0.2) options.maxDetections = 1 + Math.floor(300 * random() ** 2);
  return { seed, kind, boxes, scores, classes, options };
}
