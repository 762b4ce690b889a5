import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildFixtureModel } from '@lanecast/models/fixture';
import { GraphBuilder } from '@lanecast/models/onnx/graph-builder';
import { decodeModel, encodeModel } from '@lanecast/models/onnx/schema';
import { nmsInfo } from '@lanecast/native';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { LanecastError } from '../dist/core/errors.js';
import { FrameSlots } from '../dist/core/frame-slots.js';
import { letterbox, toModel } from '../dist/core/geometry.js';
import { Detector, type DetectorOptions } from '../dist/detect/detector.js';
import { cudaMissingReason } from '../dist/detect/execution-provider.js';
import type { DetectionResult } from '../dist/detect/types.js';
import { monotonicMs } from '../dist/ops/clock.js';

const WIDTH = 320;
const HEIGHT = 192;
const CAR = { name: 'car', width: 32, height: 20 };
const SOURCE = { width: 1280, height: 720 };
const BOX = letterbox(SOURCE.width, SOURCE.height, WIDTH, HEIGHT);

const folder = mkdtempSync(join(tmpdir(), 'lanecast-detector-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function modelFile(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const fixture = buildFixtureModel({ width: WIDTH, height: HEIGHT, classes: [CAR] });
const fixturePath = modelFile('fixture.onnx', fixture);

/** The fixture, but inference fails for any batch but 1. */
function brokenForBatches(): Uint8Array {
  const model = decodeModel(fixture);
  const last = model.graph.node.at(-1)!;
  last.name = 'unshaped';
  last.output = ['unshaped'];
  new GraphBuilder(model.graph, 'broken').node(
    'Reshape',
    ['unshaped', new GraphBuilder(model.graph, 'shape').ints(1, 6, (WIDTH / 4) * (HEIGHT / 4))],
    {},
    'detections',
  );
  return encodeModel(model);
}

/** One stream's writer: draws a bright car on the dark, at source pixels. */
class Camera {
  readonly slots = FrameSlots.allocate({ slotCount: 2, pictureBytes: WIDTH * HEIGHT * 1.5, metaBytes: 0 });

  publish(ptsUs: number, centre: { x: number; y: number }): void {
    const slot = this.slots.beginWrite()!;
    const picture = this.slots
      .picture(slot)
      .fill(50, 0, WIDTH * HEIGHT)
      .fill(128, WIDTH * HEIGHT);
    const [x, y] = toModel(BOX, centre.x, centre.y);
    const left = Math.round(x - CAR.width / 2);
    const top = Math.round(y - CAR.height / 2);
    for (let row = top; row < top + CAR.height; row++)
      picture.fill(220, row * WIDTH + left, row * WIDTH + left + CAR.width);
    const now = monotonicMs();
    this.slots.publish(slot, { ...BOX, ptsUs, epoch: 1, receivedAtMs: now, decodedAtMs: now, writtenAtMs: now });
  }
}

let detector: Detector | null = null;
afterEach(async () => {
  await detector?.close();
  detector = null;
});

async function start(options: Partial<DetectorOptions> = {}): Promise<Detector> {
  detector = await Detector.start({
    modelPath: fixturePath,
    executionProvider: 'cpu',
    scoreThreshold: 0.5,
    iouThreshold: 0.45,
    threads: 1,
    ...options,
  });
  return detector;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 2) {
    if (waitedMs > 5000) throw new Error(`waited in vain until ${what}`);
    await sleep(2);
  }
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as LanecastError).code,
  );

/** Two frames are waiting when the stream is added: the times of those that were detected. */
async function burst(options: Partial<DetectorOptions>): Promise<{ detected: number[]; replaced: number }> {
  const running = await start(options);
  const camera = new Camera();
  const ptsUs: number[] = [];
  const second = new Promise<void>((resolve) => {
    running.onDetections = ({ header }) => {
      ptsUs.push(header.ptsUs);
      if (header.ptsUs === 40_000) resolve();
    };
  });
  camera.publish(0, { x: 640, y: 360 });
  camera.publish(40_000, { x: 660, y: 360 });
  running.addStream(0, camera.slots.shared);
  await second;
  return { detected: ptsUs, replaced: camera.slots.replaced };
}

describe('Detector', () => {
  it('says what it runs on', async () => {
    const { info } = await start({ maxBatch: 2, maxWaitMs: 3 });
    expect(info).toEqual({
      model: 'fixture: bright rectangles',
      executionProvider: 'cpu',
      executionProviderReason: null,
      precision: 'fp32',
      inputWidth: WIDTH,
      inputHeight: HEIGHT,
      classes: ['car'],
      confidentScore: null,
      maxBatch: 2,
      maxWaitMs: 3,
      nmsBackend: nmsInfo().cpuMissingReason === null ? 'cpu' : 'typescript',
      nmsBackendReason: nmsInfo().cpuMissingReason && (expect.any(String) as string),
    });
  });

  it('measures the batch that pays, up to the number of streams', async () => {
    const { info } = await start({ streamCount: 3 });
    expect([1, 2, 3]).toContain(info.maxBatch);
  });

  it('finds the moving car of each stream, in source pixels, with the header of its frame', async () => {
    const running = await start({ maxBatch: 2 });
    const cameras = [new Camera(), new Camera(), new Camera()];
    const streamIndexes = [0, 1, 7];
    const results = new Map<number, DetectionResult[]>(streamIndexes.map((index) => [index, []]));
    running.onDetections = (result) => results.get(result.streamIndex)!.push(result);
    cameras.forEach((camera, i) => running.addStream(streamIndexes[i]!, camera.slots.shared));

    const place = (stream: number, frame: number) => ({ x: 200 + 40 * frame + 8 * stream, y: 200 + 100 * stream });
    for (let frame = 0; frame < 20; frame++) {
      cameras.forEach((camera, stream) => camera.publish(40_000 * (frame + 1), place(stream, frame)));
      running.signal.raise();
      await until(() => [...results.values()].every((list) => list.length === frame + 1), `frame ${frame} is detected`);
    }

    streamIndexes.forEach((index, stream) => {
      results.get(index)!.forEach(({ header, detections, timings }, frame) => {
        expect(header).toMatchObject({ ...BOX, ptsUs: 40_000 * (frame + 1), epoch: 1 });
        expect(detections).toHaveLength(1);
        const [{ x1, y1, x2, y2, score, classIndex }] = detections as [DetectionResult['detections'][number]];
        const truth = place(stream, frame);
        // Two model pixels, four source pixels each.
        expect(Math.hypot((x1 + x2) / 2 - truth.x, (y1 + y2) / 2 - truth.y)).toBeLessThan(8);
        expect(x2 - x1).toBeCloseTo(4 * CAR.width, 0);
        expect(y2 - y1).toBeCloseTo(4 * CAR.height, 0);
        expect(score).toBeGreaterThan(0.8);
        expect(classIndex).toBe(0);
        expect(timings.batchSize).toBeLessThanOrEqual(2);
        for (const ms of [timings.queueMs, timings.inferMs, timings.nmsMs]) expect(ms).toBeGreaterThanOrEqual(0);
        expect(timings.doneAtMs).toBeLessThanOrEqual(monotonicMs());
      });
    });
    expect(running.stats()).toMatchObject({ frames: 60, failedFrames: 0, lastFailure: null });
    expect(running.stats().batches).toBeGreaterThanOrEqual(30);
  });

  it('loses no frame of a burst while its batches have room', async () => {
    const { detected, replaced } = await burst({ maxBatch: 2 });
    expect(detected).toEqual([0, 40_000]);
    expect(replaced).toBe(0);
  });

  it('takes only the newest of a burst when they have none', async () => {
    const { detected, replaced } = await burst({ maxBatch: 1 });
    expect(detected).toEqual([40_000]);
    expect(replaced).toBe(1);
  });

  it('delivers nothing of a removed stream, and takes it back', async () => {
    const running = await start({ maxBatch: 1 });
    const seen: [number, number][] = [];
    running.onDetections = ({ streamIndex, header }) => seen.push([streamIndex, header.ptsUs]);
    const first = new Camera();
    running.addStream(0, first.slots.shared);
    expect(() => running.addStream(0, first.slots.shared)).toThrow(/already/);
    first.publish(1, { x: 400, y: 300 });
    running.signal.raise();
    await until(() => seen.length === 1, 'the first frame is detected');

    await running.removeStream(0);
    await running.removeStream(0);
    first.publish(2, { x: 400, y: 300 });
    running.signal.raise();
    await sleep(100);
    expect(seen).toEqual([[0, 1]]);
    expect(first.slots.hasReady()).toBe(true); // nobody took it

    const second = new Camera();
    running.addStream(0, second.slots.shared);
    second.publish(3, { x: 400, y: 300 });
    running.signal.raise();
    await until(() => seen.length === 2, 'the stream is detected again');
    expect(seen[1]).toEqual([0, 3]);
  });

  it('refuses slots of another size', async () => {
    const running = await start({ maxBatch: 1 });
    const slots = FrameSlots.allocate({ slotCount: 2, pictureBytes: 100, metaBytes: 0 });
    expect(() => running.addStream(0, slots.shared)).toThrow(/pictures of 100 bytes/);
  });

  it('survives an inference that fails, and counts it', async () => {
    const running = await start({ modelPath: modelFile('broken.onnx', brokenForBatches()), maxBatch: 2 });
    const exits: Error[] = [];
    running.onExit = (error) => exits.push(error);
    let detected = 0;
    running.onDetections = () => detected++;
    const cameras = [new Camera(), new Camera()];
    cameras.forEach((camera, index) => running.addStream(index, camera.slots.shared));
    await sleep(50);
    for (const camera of cameras) camera.publish(1, { x: 400, y: 300 });
    running.signal.raise();
    await until(() => running.stats().failedFrames === 2, 'the batch of two has failed');
    expect(running.stats().lastFailure).toMatch(/dimensions/);
    cameras[0]!.publish(2, { x: 400, y: 300 });
    running.signal.raise();
    await until(() => detected === 1, 'a batch of one is detected');
    expect(exits).toEqual([]);
  });

  it('gives up when every inference fails, says so once, and leaves the slots usable', async () => {
    const running = await start({ modelPath: modelFile('broken.onnx', brokenForBatches()), maxBatch: 2 });
    const exits: LanecastError[] = [];
    running.onExit = (error) => exits.push(error);
    const cameras = [new Camera(), new Camera()];
    cameras.forEach((camera, index) => running.addStream(index, camera.slots.shared));
    await sleep(50);
    for (let i = 1; i <= 10; i++) {
      for (const camera of cameras) camera.publish(i, { x: 400, y: 300 });
      running.signal.raise();
      await until(() => running.stats().failedFrames >= 2 * i || exits.length > 0, `batch ${i} has failed`);
    }
    await until(() => exits.length > 0, 'the detector has given up');
    expect(exits.map(({ code, message }) => ({ code, message }))).toEqual([
      { code: 'detector-broken', message: expect.stringMatching(/10 inferences in a row failed/) as string },
    ]);
    await running.removeStream(0); // resolves although nobody is there to answer
    await running.close();
    expect(exits).toHaveLength(1);

    const next = await start({ maxBatch: 1, signal: running.signal });
    let detected = 0;
    next.onDetections = () => detected++;
    next.addStream(0, cameras[0]!.slots.shared);
    cameras[0]!.publish(99, { x: 400, y: 300 });
    running.signal.raise();
    await until(() => detected > 0, 'a new detector works on the same slots');
  });

  it('closes twice, during work, without calling it a crash', async () => {
    const running = await start({ maxBatch: 1 });
    const exits: Error[] = [];
    running.onExit = (error) => exits.push(error);
    const camera = new Camera();
    running.addStream(0, camera.slots.shared);
    camera.publish(1, { x: 400, y: 300 });
    running.signal.raise();
    await Promise.all([running.close(), running.close()]);
    await running.close();
    expect(exits).toEqual([]);
  });

  it.each([
    ['a file that is not there', () => join(folder, 'nowhere.onnx'), 'model-missing'],
    ['a file that is no model', () => modelFile('text.onnx', new TextEncoder().encode('hello')), 'model-not-onnx'],
    [
      'a model for the browser',
      () => modelFile('rgb.onnx', buildFixtureModel({ head: 'rgb', width: WIDTH, height: HEIGHT })),
      'model-wrong-head',
    ],
  ])('refuses %s', async (_, path, code) => {
    expect(await codeOf(start({ modelPath: path() }))).toBe(code);
  });

  it.skipIf(cudaMissingReason() === null)(
    'refuses CUDA where it is missing (skipped: the CUDA provider is here)',
    async () => {
      expect(await codeOf(start({ executionProvider: 'cuda' }))).toBe('cuda-unavailable');
      await expect(start({ executionProvider: 'cuda' })).rejects.toThrow(/npm run setup:cuda/);
    },
  );

  it.skipIf(cudaMissingReason() === null)(
    'falls back to the CPU and says why (skipped: the CUDA provider is here)',
    async () => {
      const { info } = await start({ executionProvider: 'auto', maxBatch: 1 });
      expect(info.executionProvider).toBe('cpu');
      expect(info.executionProviderReason).toContain('libonnxruntime_providers_cuda.so');
    },
  );
});
