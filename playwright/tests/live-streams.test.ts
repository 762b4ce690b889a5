import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { watchErrors } from '../page-errors.js';
import { Camera, freePort, Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const [motorway, overhead] = worldClips('01-motorway.mp4', '08-overhead.mp4');

let stack: Stack;
let spare: Camera;
test.beforeAll(async () => {
  spare = new Camera('spare', await freePort(), overhead!);
  stack = await Stack.start([motorway!]);
  await spare.switchOn();
});
test.afterAll(async () => {
  await stack.close();
  await spare.close();
});

test('a camera that is added appears and plays, one that is removed goes; the others go on', async ({
  page,
  request,
}, info) => {
  test.setTimeout(90_000);
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ['motorway']);
  const video = dashboard.tile('motorway').locator('video');
  const clock = () => video.evaluate((element: HTMLVideoElement) => element.currentTime);
  const element = await video.elementHandle();
  const before = await clock();

  // Twice: the second time its line of the connection is there already.
  for (const round of [1, 2]) {
    const added = await request.post(`${stack.url}/api/streams`, { data: { id: 'spare', url: spare.url } });
    expect(added.status()).toBe(201);
    await expect(dashboard.tile('spare')).toBeVisible({ timeout: 3000 });
    await dashboard.untilLive('spare');
    const frames = await dashboard.frames(80, 15_000);
    expect(frames.filter(({ stream, kind }) => stream === 'spare' && kind === 'exact').length).toBeGreaterThan(5);
    await info.attach(`added ${round}`, { body: await page.screenshot(), contentType: 'image/png' });

    const removed = await request.delete(`${stack.url}/api/streams/spare`);
    expect(removed.status()).toBe(200);
    await expect(dashboard.tile('spare')).toHaveCount(0, { timeout: 3000 });
    await expect(dashboard.tile('motorway')).toHaveAttribute('data-state', 'live');
  }

  // The first camera's video was never begun anew.
  expect(await element.evaluate((node) => node.isConnected)).toBe(true);
  await expect.poll(clock).toBeGreaterThan(before + 1);
  await expect(dashboard.connection).toHaveText('WebRTC');
  expect(errors).toEqual([]);
});

test('the last camera goes and another comes: the page says what there is', async ({ page, request }) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ['motorway']);
  await request.delete(`${stack.url}/api/streams/motorway`);
  await expect(page.getByRole('heading', { name: 'No cameras yet' })).toBeVisible({ timeout: 3000 });
  await request.post(`${stack.url}/api/streams`, { data: { id: 'spare', url: spare.url } });
  await dashboard.untilLive('spare');
  expect(errors).toEqual([]);
});
