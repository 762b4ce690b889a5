import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveModel } from '@lanecast/models/resolve';
import { expect, test } from '@playwright/test';
import { tinyYolo } from '../../models/test/tiny-yolo.js';
import { noBrowser } from '../browser.js';
import { detectInPage, openLab } from '../lab-page.js';
import { watchErrors } from '../page-errors.js';
import { candidatesOf, detectAsServer, differences, pictureOf } from '../server-detection.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const ROOT = join(import.meta.dirname, '../..');
const [motorway] = worldClips('01-motorway.mp4');
const directory = mkdtempSync(join(tmpdir(), 'lanecast-webgpu-'));
test.afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.describe('a tiny network', () => {
  const size = { width: 96, height: 64 };
  const model = join(directory, 'tiny.onnx');
  let stack: Stack;
  test.beforeAll(async () => {
    writeFileSync(model, tinyYolo({ ...size, layout: 'apart', opset: 17 }));
    const detector = `detector:\n  model: ${model}\n  width: ${size.width}\n  height: ${size.height}\n`;
    stack = await Stack.start([motorway!], [], detector);
  });
  test.afterAll(() => stack.close());

  test('WebGPU, WebAssembly and the server agree on a frame', async ({ page }, info) => {
    const errors = watchErrors(page);
    await openLab(page, stack.url);
    // Another shape and another size: grey above and below, and more than one pixel of the source for each.
    const picture = pictureOf(motorway!, 7, 320, 136);
    const options = { modelWidth: size.width, scoreThreshold: 0.2 };
    const gpu = await detectInPage(page, picture, { ...options, backend: 'webgpu', allowSoftwareGpu: true });
    expect(gpu.info).toMatchObject({ backend: 'webgpu', backendReason: null });
    const wasm = await detectInPage(page, picture, { ...options, backend: 'wasm' });
    const server = await detectAsServer(
      resolveModel(model, { ...size, precision: 'fp32', head: 'nv12', cacheDir: directory }),
      picture,
      options.scoreThreshold,
    );
    const [onGpu, onCpu] = [candidatesOf(gpu.rows, picture), candidatesOf(wasm.rows, picture)];
    const found = {
      gpuToServer: differences(server, onGpu, 0.25),
      wasmToServer: differences(server, onCpu, 0.25),
      gpuToWasm: differences(onCpu, onGpu, 0.25),
    };
    await info.attach('agreement', { body: JSON.stringify(found, null, 2), contentType: 'application/json' });
    console.log(JSON.stringify(found));
    for (const { compared, boxPx, score } of Object.values(found)) {
      expect(compared).toBeGreaterThan(20);
      // Random weights make boxes that are five times as wide as the picture: pixels of the model's input.
      expect((boxPx * size.width) / picture.width).toBeLessThan(1);
      expect(score).toBeLessThan(0.02);
    }
    expect(errors).toEqual([]);
  });

  test('a GPU that is a CPU is no GPU for a visitor', async ({ page }) => {
    await openLab(page, stack.url);
    const picture = pictureOf(motorway!, 5, size.width, size.height);
    const { info } = await detectInPage(page, picture, { modelWidth: 96, backend: 'auto', scoreThreshold: 0.2 });
    expect(info).toMatchObject({ backend: 'wasm' });
    expect(info.backendReason).toContain('computes on the CPU');
  });
});

test.describe('the embedded detector', () => {
  // A minute and a half on two cores.
  test.skip(process.env['LANECAST_SLOW_TESTS'] !== '1', 'slow: LANECAST_SLOW_TESTS=1 runs it');
  let stack: Stack;
  test.beforeAll(async () => {
    stack = await Stack.start([motorway!]);
  });
  test.afterAll(() => stack.close());

  test('finds on WebGPU what it finds on the server', async ({ page }, info) => {
    const errors = watchErrors(page);
    await openLab(page, stack.url);
    const picture = pictureOf(motorway!, 4, 640, 360);
    const options = { modelWidth: 320, scoreThreshold: 0.1 };
    const gpu = await detectInPage(page, picture, { ...options, backend: 'webgpu', allowSoftwareGpu: true });
    const source = join(ROOT, 'models/source/lanecast-s.onnx');
    const model = resolveModel(source, {
      width: 320,
      height: 192,
      precision: 'fp32',
      head: 'nv12',
      cacheDir: directory,
    });
    const difference = differences(
      await detectAsServer(model, picture, options.scoreThreshold),
      candidatesOf(gpu.rows, picture),
      0.25,
    );
    await info.attach('agreement', { body: JSON.stringify(difference), contentType: 'application/json' });
    console.log(JSON.stringify(difference));
    expect(difference.compared).toBeGreaterThan(20);
    expect(difference.boxPx).toBeLessThan(1);
    expect(difference.score).toBeLessThan(0.02);
    expect(errors).toEqual([]);
  });
});
