import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { CameraDialog } from '../camera-dialog.js';
import { DashboardPage } from '../dashboard-page.js';
import { watchErrors } from '../page-errors.js';
import { Camera, freePort, Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const TOKEN = 'a-token-that-is-long-enough';

let stack: Stack;
let camera: Camera;
test.beforeAll(async () => {
  camera = new Camera('gate', await freePort(), worldClips('08-overhead.mp4')[0]!);
  [stack] = await Promise.all([Stack.start([], ['--token', TOKEN]), camera.switchOn()]);
});
test.afterAll(() => Promise.all([stack.close(), camera.close()]));

test('a camera is added, changed and removed from the page, and every page follows', async ({
  page,
  browser,
}, info) => {
  const errors = watchErrors(page);
  const other = await browser.newPage();
  for (const each of [page, other]) await each.goto(`${stack.url}/?token=${TOKEN}`);
  await expect(other.getByRole('heading', { name: 'No cameras yet' })).toBeVisible();
  await info.attach('empty', { body: await page.screenshot(), contentType: 'image/png' });
  await page.getByRole('button', { name: 'Add a camera' }).click();
  const dialog = new CameraDialog(page);

  // What cannot be right is said at its field, without asking the server, and the focus is there.
  await expect(dialog.field('Name')).toBeFocused();
  await dialog.field('RTSP address').fill('http://10.0.0.7/live');
  await dialog.button('Add camera').click();
  await expect(dialog.field('Name')).toBeFocused();
  await expect(dialog.field('Name')).toHaveAccessibleDescription(/Give the camera a name/);
  await expect(dialog.field('RTSP address')).toHaveAccessibleDescription(/did you mean rtsp:\/\/10\.0\.0\.7\/live\?/);
  expect(await dialog.nameless()).toEqual([]);

  // A camera that does not answer, and one that does. The login leaves the address for its own fields.
  await dialog.field('Name').fill('gate');
  await dialog.field('RTSP address').fill(camera.url.replace('://', '://admin:hunter2@').replace('stream0', 'nowhere'));
  await dialog.button('Test').click();
  await expect(dialog.report).toContainText('does not exist');
  await info.attach('fault', { body: await page.screenshot(), contentType: 'image/png' });
  await expect(dialog.field('RTSP address')).not.toHaveValue(/hunter2/);
  await expect(dialog.field('User')).toHaveValue('admin');
  await dialog.field('RTSP address').fill(camera.url);
  await dialog.button('Test').click();
  await expect(dialog.report).toContainText(/The camera answers: H\.264, \d+×\d+, \d+ fps/);
  await info.attach('form', { body: await page.screenshot(), contentType: 'image/png' });
  await dialog.button('Add camera').click();
  await expect(dialog.row('gate')).toContainText('live', { timeout: 10_000 });
  await expect(dialog.root.getByRole('status')).toHaveText('gate was added');
  await info.attach('list', { body: await page.screenshot(), contentType: 'image/png' });
  expect(readFileSync(stack.configFile, 'utf8')).toContain('admin:hunter2@');

  // Changed without its password, which is never shown: it stays.
  await dialog.button('Change gate').click();
  await expect(dialog.field('RTSP address')).toHaveValue(camera.url);
  await expect(dialog.field('Password')).toHaveValue('');
  await dialog.root.getByText('More options').click();
  await dialog.field('Video comes by').selectOption('TCP');
  await dialog.button('Save').click();
  await expect(dialog.root.getByRole('status')).toHaveText('gate was changed');
  expect(readFileSync(stack.configFile, 'utf8')).toMatch(/admin:hunter2@[^]*transport: tcp/);

  // The keys of the page are asleep meanwhile; Escape closes.
  await page.keyboard.press('s');
  await page.keyboard.press('Escape');
  await expect(dialog.root).toBeHidden();
  await expect(page.getByRole('complementary', { name: 'Statistics' })).toBeHidden();
  for (const each of [page, other]) await new DashboardPage(each).untilLive('gate');

  // Removed after a question, for everybody.
  await page.keyboard.press('c');
  await dialog.button('Remove gate').click();
  await expect(dialog.button('Keep it')).toBeFocused();
  await dialog.button('Remove').click();
  await expect(dialog.button('Add camera')).toBeFocused();
  await expect(new DashboardPage(other).tile('gate')).toHaveCount(0);
  await expect(other.getByRole('heading', { name: 'No cameras yet' })).toBeVisible();
  expect(readFileSync(stack.configFile, 'utf8')).not.toContain('hunter2');
  expect(errors).toEqual([]);
  await other.close();
});

test('an answer that comes late takes nothing away, and another place takes another login', async ({ page }) => {
  const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
  const url = camera.url.replace('://', '://admin:hunter2@');
  await fetch(`${stack.url}/api/streams`, { method: 'POST', headers, body: JSON.stringify({ id: 'yard', url }) });
  const errors = watchErrors(page);
  await page.goto(`${stack.url}/?token=${TOKEN}`);
  await page.getByRole('button', { name: 'Cameras' }).click();
  const dialog = new CameraDialog(page);

  await dialog.button('Change yard').click();
  await dialog.field('Forget the saved user and password').check();
  await expect(dialog.field('User')).toBeDisabled();
  await dialog.field('RTSP address').fill('rtsp://192.0.2.1/live');
  await expect(dialog.field('User')).toBeEnabled();
  await dialog.field('RTSP address').fill(camera.url);
  await dialog.field('Forget the saved user and password').uncheck();

  // Whoever goes on while it is being saved keeps what is open by then, whatever the answer is.
  for (const refused of [false, true]) {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/api/streams/yard', async (route) => {
      await held;
      const problem = { code: 'config-not-saved', detail: 'no room' };
      await (refused ? route.fulfill({ status: 507, json: problem }) : route.continue());
    });
    await dialog.button('Save').click();
    await dialog.button('Cancel').click();
    await dialog.button('Add camera').click();
    await dialog.field('Name').fill('attic');
    const answered = page.waitForResponse('**/api/streams/yard');
    release();
    await answered;
    await page.waitForTimeout(300);
    await expect(dialog.field('Name')).toHaveValue('attic');
    await page.unroute('**/api/streams/yard');
    await dialog.button('Cancel').click();
    await dialog.button('Change yard').click();
  }
  expect(errors.filter((line) => !line.includes('507'))).toEqual([]);
  await fetch(`${stack.url}/api/streams/yard`, { method: 'DELETE', headers: { Authorization: headers.Authorization } });
});

test('a page that is older than the server says so, and its keys stay awake', async ({ page }) => {
  await page.route(/CameraManager-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }));
  await page.goto(`${stack.url}/?token=${TOKEN}`);
  await page.getByRole('button', { name: 'Cameras' }).click();
  const told = page.getByRole('alert').filter({ hasText: 'could not be loaded' });
  await expect(told.getByRole('button', { name: 'Reload' })).toBeVisible();
  await told.getByRole('button', { name: 'Close' }).click();
  await expect(told).toBeHidden();
  await page.keyboard.press('s');
  await expect(page.getByRole('complementary', { name: 'Statistics' })).toBeVisible();
});

test('at the width of a phone everything is in reach', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${stack.url}/?token=${TOKEN}`);
  await page.getByRole('button', { name: 'Add a camera' }).click();
  const dialog = new CameraDialog(page);
  await dialog.root.getByText('More options').click();
  await expect(dialog.field('Scale, metres per pixel')).toBeInViewport();
  await expect(dialog.button('Add camera')).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(dialog.root).toBeHidden();
  const statistics = page.getByRole('button', { name: /Statistics|notices/ });
  await expect(statistics).toBeInViewport({ ratio: 1 });
  await expect(page.getByRole('button', { name: 'Cameras' })).toBeInViewport({ ratio: 1 });
});

test('who may only watch is told why nothing can be changed', async ({ page }) => {
  const made = await fetch(`${stack.url}/api/tokens`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ scope: 'view', ttl: 600, label: 'the wall' }),
  });
  const { token } = (await made.json()) as { token: string };
  await page.goto(`${stack.url}/?token=${token}`);
  await expect(page.getByText('Cameras are changed with the token of the configuration')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add a camera' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Cameras' }).click();
  const dialog = new CameraDialog(page);
  await expect(dialog.root).toContainText('opened with a token for viewing');
  await expect(dialog.button('Add camera')).toHaveCount(0);
});
