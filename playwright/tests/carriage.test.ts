import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { watchErrors } from '../page-errors.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const [motorway, overhead] = worldClips('01-motorway.mp4', '08-overhead.mp4');

let directory: string;
let stack: Stack;
test.beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lanecast-b-frames-'));
  const clip = join(directory, 'b-frames.mp4');
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '25', '-an', clip];
  execFileSync('ffmpeg', ['-v', 'error', '-t', '8', '-i', overhead!, ...encode]);
  stack = await Stack.start([motorway!, clip], ['--transcode', 'never']);
});
test.afterAll(async () => {
  await stack.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a camera that WebRTC cannot carry is shown as motion JPEG, with the reason', async ({ page }, info) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ['motorway']);
  const tile = dashboard.tile('b-frames');
  await expect(tile).toContainText('B-frames', { timeout: 20_000 });
  const image = tile.locator('img');
  await expect.poll(() => image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  await expect(dashboard.connection).toHaveText('WebRTC');
  await info.attach('motion JPEG beside WebRTC', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});
