import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const TOKEN = 'a-token-that-is-long-enough';

let stack: Stack;
test.beforeAll(async () => {
  stack = await Stack.start(worldClips('08-overhead.mp4'), ['--token', TOKEN]);
});
test.afterAll(() => stack.close());

test('a server with a token asks for it, and shows video to who has it', async ({ page }) => {
  const dashboard = new DashboardPage(page);
  await page.goto(`${stack.url}/`);
  await page.getByLabel('This server asks for its access token').fill('some-other-token-of-length');
  await page.getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('alert')).toHaveText('This token is not the right one');
  await page.getByLabel('This server asks for its access token').fill(TOKEN);
  await page.getByRole('button', { name: 'Open' }).click();
  await dashboard.untilLive('overhead');
  await expect(dashboard.connection).toHaveText('WebRTC');
  // It stays in this tab.
  await page.reload();
  await dashboard.untilLive('overhead');
});

test('the token may come in the address once; it does not stay there', async ({ page }) => {
  const dashboard = new DashboardPage(page);
  await page.goto(`${stack.url}/?token=${TOKEN}`);
  await dashboard.untilLive('overhead');
  expect(page.url()).toBe(`${stack.url}/`);
});
