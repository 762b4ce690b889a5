import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { exactness } from '../measured-frame.js';
import { watchErrors } from '../page-errors.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

let directory: string;
let stack: Stack;
test.beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lanecast-b-frames-'));
  const clip = join(directory, 'b-frames.mp4');
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '25', '-an', clip];
  execFileSync('ffmpeg', ['-v', 'error', '-t', '8', '-i', worldClips('08-overhead.mp4')[0]!, ...encode]);
  stack = await Stack.start([clip], ['--debug-frame-numbers']);
});
test.afterAll(async () => {
  await stack.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a stream with B-frames plays as live video, with its boxes on its frames', async ({ page }, info) => {
  test.setTimeout(120_000);
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ['b-frames']);
  const tile = dashboard.tile('b-frames');
  await expect(tile).toContainText('Transcoded from H.264 with B-frames');
  await expect(tile.locator('img')).toHaveCount(0);
  const frames = await dashboard.frames(300, 60_000);
  const figures = exactness(frames);
  await info.attach('exactness', { body: JSON.stringify(figures, null, 2), contentType: 'application/json' });
  console.log(JSON.stringify(figures));
  expect(figures.proven).toBeGreaterThanOrEqual(100);
  expect(figures.wrong).toEqual([]);
  // It moves as the camera does: frame numbers go up, not to and fro.
  const numbers = frames.flatMap(({ pixelFrameNo }) => pixelFrameNo ?? []);
  const backwards = numbers.filter((number, i) => i > 0 && number < numbers[i - 1]! && numbers[i - 1]! - number < 100);
  expect(backwards).toEqual([]);
  await page.keyboard.press('1');
  await expect(tile).toContainText('set the camera to B-frames 0');
  await info.attach('transcoded', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});
