import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { exactness } from '../measured-frame.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const ids = ['motorway', 'overhead'];
let stack: Stack;
test.beforeAll(async () => {
  stack = await Stack.start(worldClips('01-motorway.mp4', '08-overhead.mp4'), [
    '--debug-frame-numbers',
    ...['--debug-packet-loss', '2', '--debug-detection-delay', '80'],
  ]);
});
test.afterAll(() => stack.close());

test('boxes belong to their frames with 2 % of the packets lost and detections late by chance', async ({
  page,
}, info) => {
  test.setTimeout(150_000);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  // The hold follows the late detections.
  await expect(dashboard.tile(ids[0]!)).toContainText(/[1-9]\d+\s*hold/);
  const figures = exactness(await dashboard.frames(600, 90_000));
  await info.attach('overlay-exactness', { body: JSON.stringify(figures, null, 2), contentType: 'application/json' });
  console.log(JSON.stringify(figures));
  expect(figures.proven).toBeGreaterThanOrEqual(100);
  expect(figures.wrong).toEqual([]);
});
