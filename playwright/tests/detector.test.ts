import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeModel, type PipelineModel } from '@lanecast/models/describe';
import { resolveModel } from '@lanecast/models/resolve';
import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { detectInPage, openLab } from '../lab-page.js';
import { watchErrors } from '../page-errors.js';
import { candidatesOf, detectAsServer, differences, pictureOf } from '../server-detection.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const ROOT = join(import.meta.dirname, '../..');
const FROM_SCORE = 0.25;
const clips = worldClips('01-motorway.mp4', '03-junction.mp4');

let stack: Stack;
let cacheDir: string;
test.beforeAll(async () => {
  cacheDir = mkdtempSync(join(tmpdir(), 'lanecast-models-'));
  stack = await Stack.start([clips[0]!]);
});
test.afterAll(async () => {
  await stack.close();
  rmSync(cacheDir, { recursive: true, force: true });
});

/** The server's own model at a size that the browser may use. */
function serverModel(width: number, height: number): { path: string; description: PipelineModel } {
  const own = join(ROOT, 'models/lanecast-s.onnx');
  const description = describeModel(own);
  if (description.kind === 'pipeline' && description.width === width) return { path: own, description };
  const source = join(ROOT, 'models/source/lanecast-s.onnx');
  return resolveModel(source, { width, height, precision: 'fp32', head: 'nv12', cacheDir });
}

for (const [width, height] of [
  [576, 320],
  [320, 192],
] as const)
  test(`WebAssembly with threads finds what the server finds, at ${width}x${height}`, async ({ page }, info) => {
    const errors = watchErrors(page);
    await openLab(page, stack.url);
    for (const [i, clip] of clips.entries()) {
      const picture = pictureOf(clip, 4 + i, 640, 360);
      const answer = await detectInPage(page, picture, {
        modelWidth: width,
        backend: 'wasm',
        threads: 2,
        scoreThreshold: 0.1,
      });
      // The production bundle: isolated, and ONNX Runtime's threads do not mistake themselves for detectors.
      expect(answer).toMatchObject({ crossOriginIsolated: true, info: { backend: 'wasm', threads: 2 } });
      const found = candidatesOf(answer.rows, picture);
      const expected = await detectAsServer(serverModel(width, height), picture, 0.1);
      const difference = differences(expected, found, FROM_SCORE);
      await info.attach(`agreement-${i}`, { body: JSON.stringify(difference), contentType: 'application/json' });
      console.log(`wasm ${width}x${height}`, JSON.stringify(difference));
      expect(difference.compared).toBeGreaterThan(20);
      expect(difference.boxPx).toBeLessThan(1);
      expect(difference.score).toBeLessThan(0.02);
    }
    expect(errors).toEqual([]);
  });

test('without a GPU it says so, and detects all the same', async ({ page }) => {
  await openLab(page, stack.url);
  const picture = pictureOf(clips[0]!, 2, 640, 360);
  const answer = await detectInPage(page, picture, { modelWidth: 320, backend: 'auto', scoreThreshold: 0.25 });
  expect(answer.info).toMatchObject({ backend: 'wasm', adapter: null });
  expect(answer.info.backendReason).toMatch(/GPU|WebGPU/);
  expect(answer.rows.length).toBeGreaterThan(0);
});

test('a model is downloaded once; its address keeps its promise', async ({ page }) => {
  await openLab(page, stack.url);
  const head = await page.evaluate(async () => {
    const [first] = (await (await fetch('/api/models')).json()) as { url: string; bytes: number; sha256: string }[];
    const response = await fetch(first!.url);
    const bytes = await response.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return {
      entry: first!,
      size: bytes.byteLength,
      digest: [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      caching: response.headers.get('cache-control'),
    };
  });
  expect(head.digest).toBe(head.entry.sha256);
  expect(head.size).toBe(head.entry.bytes);
  expect(head.caching).toContain('immutable');
  const again = await page.evaluate(async (url) => {
    await (await fetch(url)).arrayBuffer();
    const entries = performance.getEntriesByName(new URL(url, location.href).href) as PerformanceResourceTiming[];
    return entries.at(-1)!.transferSize;
  }, head.entry.url);
  // Zero bytes over the network: out of the browser's own cache.
  expect(again).toBe(0);
});
