import { serveWallPage, type WallPage } from '@lanecast/bench/wall/page-server';
import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { watchErrors } from '../page-errors.js';

test.skip(noBrowser !== null, noBrowser ?? '');

let wall: WallPage;
test.beforeAll(async () => {
  wall = await serveWallPage();
});
test.afterAll(() => wall.close());

/** Of the page: client/src/wall-bench/compare-renderers.ts. */
interface Difference {
  meanAbsolute: number;
  farShare: number;
  overlayShare: number;
  canvas: string;
  webgpu: string;
}

declare global {
  interface Window {
    wallBench?: { compare(density: number): Promise<Difference> };
  }
}

for (const density of [1, 1.5, 2])
  test(`both renderers draw the same overlay at ${density} device pixels per CSS pixel`, async ({ page }, info) => {
    const errors = watchErrors(page);
    await page.goto(wall.url);
    const { canvas, webgpu, ...figures } = await page.evaluate((d) => window.wallBench!.compare(d), density);
    for (const [name, url] of [
      ['canvas', canvas],
      ['webgpu', webgpu],
    ] as const)
      await info.attach(name, { body: Buffer.from(url.split(',')[1]!, 'base64'), contentType: 'image/png' });
    console.log(JSON.stringify({ density, ...figures }));
    // There is an overlay, and where it is off at all it is so at the soft edges of lines and letters.
    expect(figures.overlayShare).toBeGreaterThan(0.02);
    expect(figures.farShare).toBeLessThan(0.05 * figures.overlayShare);
    expect(figures.meanAbsolute).toBeLessThan(0.6);
    expect(errors).toEqual([]);
  });
