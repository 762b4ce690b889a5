import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModelBytes, type PipelineModel } from './describe.js';
import { buildFixtureModel } from './fixture.js';

const WIDTH = 320;
const HEIGHT = 192;
const CLASSES = [
  { name: 'car', width: 32, height: 20 },
  { name: 'truck', width: 64, height: 36 },
];

interface Rectangle {
  classIndex: number;
  x: number;
  y: number;
}

/** A grey NV12 picture, dark, with bright rectangles whose edges are blended as a scaler would. */
function nv12(rectangles: readonly Rectangle[], dark = 50, bright = 220): Uint8Array {
  const picture = new Uint8Array(WIDTH * HEIGHT * 1.5).fill(128);
  const cover = (pixel: number, from: number, to: number) =>
    Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from));
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      let share = 0;
      for (const r of rectangles) {
        const { width, height } = CLASSES[r.classIndex]!;
        share += cover(x, r.x - width / 2, r.x + width / 2) * cover(y, r.y - height / 2, r.y + height / 2);
      }
      picture[y * WIDTH + x] = Math.round(dark + (bright - dark) * Math.min(1, share));
    }
  }
  return picture;
}

interface Found extends Rectangle {
  width: number;
  height: number;
  score: number;
}

/** The cells above a threshold, best first, without those near a better one. */
function peaks(output: Float32Array, count: number): Found[] {
  const cells = Array.from({ length: count }, (_, cell): Found => {
    const [x, y, width, height, score, classIndex] = Array.from({ length: 6 }, (_, c) => output[c * count + cell]!);
    return { x: x!, y: y!, width: width!, height: height!, score: score!, classIndex: classIndex! };
  });
  const found: Found[] = [];
  for (const cell of cells.filter((c) => c.score > 0.5).sort((a, b) => b.score - a.score)) {
    if (found.every((f) => Math.abs(f.x - cell.x) > 16 || Math.abs(f.y - cell.y) > 12)) found.push(cell);
  }
  return found;
}

describe('fixture model', () => {
  const bytes = buildFixtureModel({ width: WIDTH, height: HEIGHT, classes: CLASSES });
  const model = describeModelBytes(bytes) as PipelineModel;
  let session: InferenceSession;
  beforeAll(async () => {
    session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  });
  afterAll(() => session.release());

  async function detect(pictures: Uint8Array[]): Promise<Found[][]> {
    const data = new Uint8Array(pictures.length * WIDTH * HEIGHT * 1.5);
    pictures.forEach((picture, i) => data.set(picture, i * picture.length));
    const outputs = await session.run({ nv12: new Tensor('uint8', data, [pictures.length, HEIGHT * 1.5, WIDTH]) });
    const output = outputs['detections']!.data as Float32Array;
    const size = 6 * model.candidateCount;
    return pictures.map((_, i) => peaks(output.subarray(i * size, (i + 1) * size), model.candidateCount));
  }

  it('says what it is', () => {
    expect(model).toMatchObject({
      kind: 'pipeline',
      head: 'nv12',
      precision: 'fp32',
      width: WIDTH,
      height: HEIGHT,
      classes: ['car', 'truck'],
      inputName: 'nv12',
      outputName: 'detections',
      candidateCount: 80 * 48,
    });
  });

  it('finds rectangles of both classes to a pixel, wherever they lie between its cells', async () => {
    for (let step = 0; step < 9; step++) {
      const truth: Rectangle[] = [
        { classIndex: 0, x: 60 + step * 0.9, y: 50 + step * 0.55 },
        { classIndex: 1, x: 200.3 + step * 1.3, y: 120.6 - step * 0.7 },
        { classIndex: 0, x: 260 - step * 1.1, y: 40.5 },
      ];
      const [found] = await detect([nv12(truth)]);
      expect(found).toHaveLength(truth.length);
      for (const rectangle of truth) {
        const match = found!.find((f) => Math.hypot(f.x - rectangle.x, f.y - rectangle.y) < 1);
        expect(match, JSON.stringify({ rectangle, found })).toMatchObject({
          classIndex: rectangle.classIndex,
          ...pickSize(CLASSES[rectangle.classIndex]!),
        });
        expect(match!.score).toBeGreaterThan(0.8);
      }
    }
  });

  it('finds nothing in an empty, a bright and a noisy picture', async () => {
    const noise = new Uint8Array(WIDTH * HEIGHT * 1.5).map((_, i) => (i * 7919) % 251);
    expect(await detect([nv12([]), nv12([], 220, 220), noise])).toEqual([[], [], []]);
  });

  it('gives each picture of a batch what it gives it alone', async () => {
    const pictures = [[], [{ classIndex: 1, x: 100, y: 90 }], [{ classIndex: 0, x: 33, y: 44 }]].map((r) => nv12(r));
    const alone = [];
    for (const picture of pictures) alone.push(...(await detect([picture])));
    expect(await detect(pictures)).toEqual(alone);
    expect(alone.map((found) => found.length)).toEqual([0, 1, 1]);
  });

  it('reads RGB as well', async () => {
    const rgbBytes = buildFixtureModel({ head: 'rgb', width: WIDTH, height: HEIGHT, classes: CLASSES });
    const rgb = await InferenceSession.create(rgbBytes, { intraOpNumThreads: 1 });
    const luma = nv12([{ classIndex: 0, x: 70, y: 80 }]);
    const plane = WIDTH * HEIGHT;
    const data = new Float32Array(3 * plane).map((_, i) => (luma[i % plane]! - 16) / 219);
    const outputs = await rgb.run({ rgb: new Tensor('float32', data, [1, 3, HEIGHT, WIDTH]) });
    const [found] = peaks(outputs['detections']!.data as Float32Array, model.candidateCount);
    expect(found!.x).toBeCloseTo(70, 0);
    expect(found!.y).toBeCloseTo(80, 0);
    await rgb.release();
  });
});

function pickSize({ width, height }: { width: number; height: number }) {
  return { width, height };
}
