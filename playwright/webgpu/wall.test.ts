import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { watchErrors } from '../page-errors.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');
// Every pixel is computed by the processor: a small window.
test.use({ viewport: { width: 800, height: 520 } });

const QUERY = '&renderer=webgpu';
let stack: Stack;
const ids = ['motorway', 'overhead'];
test.beforeAll(async () => {
  stack = await Stack.start(worldClips('01-motorway.mp4', '08-overhead.mp4'), ['--debug-frame-numbers']);
});
test.afterAll(() => stack.close());

/** Whether the canvas of the wall shows every tile. */
async function untilPainted(dashboard: DashboardPage): Promise<void> {
  for (const id of ids) await expect(dashboard.tile(id)).toHaveClass(/painted/, { timeout: 20_000 });
}

test('the boxes on the canvas are those of the frame in its pixels', async ({ page }, info) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids, QUERY);
  await untilPainted(dashboard);
  const drawn = await dashboard.drawn(150, 60_000);
  const readable = drawn.filter(({ drawnFrameNo }) => drawnFrameNo !== null);
  const exact = readable.filter(({ kind }) => kind === 'exact');
  const wrong = exact.filter(({ messageFrameNo, drawnFrameNo }) => messageFrameNo !== drawnFrameNo);
  const figures = { drawn: drawn.length, readable: readable.length, proven: exact.length, wrong: wrong.length };
  await info.attach('drawn-exactness', { body: JSON.stringify(figures), contentType: 'application/json' });
  await info.attach('wall', { body: await page.screenshot(), contentType: 'image/png' });
  console.log(JSON.stringify(figures));
  expect(exact.length).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
  expect(errors).toEqual([]);
});

test('statistics name the renderer; the viewer changes it and the wall goes on', async ({ page }) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids, QUERY);
  await untilPainted(dashboard);
  await page.keyboard.press('s');
  await expect(page.getByTestId('renderer-name')).toHaveText(/^WebGPU, .*\(software\)$/);
  await expect(page.getByTestId('renderer-reason')).toHaveCount(0);
  await page.getByRole('button', { name: 'Canvas', exact: true }).click();
  await expect(page.getByTestId('renderer-name')).toHaveText('video + Canvas 2D');
  await expect(page.getByTestId('wall-canvas')).toHaveCount(0);
  await expect(dashboard.tile(ids[0]!).locator('video')).toBeVisible();
  await page.getByRole('button', { name: 'WebGPU', exact: true }).click();
  await untilPainted(dashboard);
  await expect(dashboard.tile(ids[0]!).locator('video')).toBeHidden();
  expect(errors).toEqual([]);
});

test('one camera large, a smaller window and back: every tile is painted where it lies', async ({ page }, info) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids, QUERY);
  await untilPainted(dashboard);
  await page.keyboard.press('1');
  await expect(dashboard.tile(ids[0]!)).toHaveClass(/full/);
  await untilPainted(dashboard);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.keyboard.press('Escape');
  await untilPainted(dashboard);
  const drawn = await dashboard.drawn(40, 30_000);
  for (const id of ids)
    expect(drawn.some(({ stream, drawnFrameNo }) => stream === id && drawnFrameNo !== null)).toBe(true);
  const canvas = (await page.getByTestId('wall-canvas').boundingBox())!;
  const tile = (await dashboard.tile(ids[1]!).boundingBox())!;
  expect(canvas.y + canvas.height).toBeGreaterThanOrEqual(tile.y + tile.height - 1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await info.attach('phone', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});

/** What to do to the GPU of a page that runs, and what the page then says. */
const FAILURES = [
  { name: 'the device is lost', says: /the GPU was lost/, harm: 'destroy' },
  { name: 'frames do not reach the GPU', says: /do not reach the GPU/, harm: 'refuseFrames' },
] as const;

declare global {
  interface Window {
    /** `knownMs`: when the page could know (`performance.now()`); a GPU played by the processor takes its time to tell. */
    harm?: { destroy(): void; refuseFrames(): void; knownMs: number | null };
  }
}

for (const { name, says, harm } of FAILURES)
  test(`${name}: within a second the wall goes on with Canvas 2D`, async ({ page }) => {
    const errors = watchErrors(page);
    await page.addInitScript(`{
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (descriptor) {
        const device = await requestDevice.call(this, descriptor);
        let refused = 0;
        const harm = (window.harm = {
          knownMs: null,
          destroy() {
            void device.lost.then(() => (harm.knownMs = performance.now()));
            device.destroy();
          },
          refuseFrames() {
            device.importExternalTexture = () => {
              if (++refused === 3) harm.knownMs = performance.now();
              throw new DOMException('refused');
            };
          },
        });
        return device;
      };
    }`);
    const dashboard = new DashboardPage(page);
    await dashboard.open(stack.url, ids, QUERY);
    await untilPainted(dashboard);
    const places = () => Promise.all(ids.map((id) => dashboard.tile(id).boundingBox()));
    const before = await places();
    const tookMs = await page.evaluate(async (hurt) => {
      window.harm![hurt]();
      while (document.querySelector('[data-testid="wall-canvas"]')) await new Promise((r) => setTimeout(r, 5));
      return performance.now() - window.harm!.knownMs!;
    }, harm);
    expect(tookMs).toBeLessThan(1000);
    expect(await places()).toEqual(before);
    for (const id of ids) await expect(dashboard.tile(id).locator('video')).toBeVisible();
    await page.keyboard.press('s');
    await expect(page.getByTestId('renderer-name')).toHaveText('video + Canvas 2D');
    await expect(page.getByTestId('renderer-reason')).toHaveText(says);
    expect((await dashboard.frames(20, 10_000)).length).toBe(20);
    expect(errors).toEqual([]);
  });

test('a software adapter is not taken unless the address says so', async ({ page }) => {
  const errors = watchErrors(page);
  await page.addInitScript(() => localStorage.setItem('lanecast-renderer', 'webgpu'));
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  await page.keyboard.press('s');
  await expect(page.getByTestId('renderer-reason')).toHaveText(/software adapter/);
  await expect(page.getByTestId('renderer-name')).toHaveText('video + Canvas 2D');
  expect(errors).toEqual([]);
});
