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
  await expect(page.getByRole('alert')).toHaveText('This token is not the right one, or no longer good');
  await page.getByLabel('This server asks for its access token').fill(TOKEN);
  await page.getByRole('button', { name: 'Open' }).click();
  await dashboard.untilLive('overhead');
  await expect(dashboard.connection).toHaveText('WebRTC');
  // The browser stays logged in, without a script knowing how.
  expect(await page.evaluate(() => document.cookie + JSON.stringify(sessionStorage))).not.toContain('lanecast');
  await page.reload();
  await dashboard.untilLive('overhead');
  // Until it is logged out.
  await page.keyboard.press('?');
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByLabel('This server asks for its access token')).toBeVisible();
});

test('the token may come in the address once; it does not stay there', async ({ page }) => {
  const dashboard = new DashboardPage(page);
  await page.goto(`${stack.url}/?token=${TOKEN}`);
  await dashboard.untilLive('overhead');
  expect(page.url()).toBe(`${stack.url}/`);
});

test('a token that was made for viewing opens the dashboard, and closes it when it is revoked', async ({ page }) => {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const made = await fetch(`${stack.url}/api/tokens`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ scope: 'view', ttl: 600, label: 'the wall' }),
  });
  expect(made.status).toBe(201);
  const { id, token } = (await made.json()) as { id: string; token: string };
  await page.goto(`${stack.url}/?token=${token}`);
  await new DashboardPage(page).untilLive('overhead');
  expect((await fetch(`${stack.url}/api/tokens/${id}`, { method: 'DELETE', headers })).status).toBe(204);
  await expect(page.getByLabel('This server asks for its access token')).toBeVisible({ timeout: 10_000 });
});

test('a page that the server did not know for a while comes back by itself', async ({ page }) => {
  await page.clock.install();
  await page.goto(`${stack.url}/?token=${TOKEN}`);
  await new DashboardPage(page).untilLive('overhead');
  // As with a server whose clock was wrong after a power cut: every session has expired.
  await page.route('**/api/streams', (route) => route.fulfill({ status: 401, json: { code: 'token-required' } }));
  const login = page.getByLabel('This server asks for its access token');
  await expect(login).toBeVisible({ timeout: 10_000 });
  await page.unroute('**/api/streams');
  await page.clock.fastForward(31_000);
  await new DashboardPage(page).untilLive('overhead');
  await expect(login).toBeHidden();
});
