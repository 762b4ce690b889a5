import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { watchErrors } from '../page-errors.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const [motorway, junction] = worldClips('01-motorway.mp4', '03-junction.mp4');

let stack: Stack;
test.beforeAll(async () => {
  stack = await Stack.start([motorway!]);
});
test.afterAll(() => stack.close());

test('a live camera is detected on in the page, and the page says on what', async ({ page }, info) => {
  const errors = watchErrors(page);
  await page.goto(`${stack.url}/lab`);
  await expect(page.getByLabel('Video', { exact: true })).toHaveValue('motorway');
  await expect(page.getByTestId('runs-on')).toContainText(/WebAssembly, \d+ threads, 576×320/, { timeout: 30_000 });
  await expect
    .poll(async () => Number(await page.getByTestId('rate').textContent()), { timeout: 20_000 })
    .toBeGreaterThan(0);
  const machine = page.getByRole('region', { name: 'This machine' });
  await expect(machine).toContainText('Isolated page');
  await expect(machine).toContainText(/WebGPU\s*none/);
  await info.attach('lab', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});

test('a file of the visitor is played and detected on; both backends are compared as far as there are', async ({
  page,
}, info) => {
  const errors = watchErrors(page);
  await page.goto(`${stack.url}/lab`);
  await page.getByTestId('file').setInputFiles(junction!);
  await expect(page.getByLabel('Video', { exact: true })).toHaveValue('file:');
  const small = page.locator('#model option').filter({ hasText: '320×192 fp32' });
  await page.getByLabel('Model').selectOption(await small.getAttribute('value'));
  await expect(page.getByTestId('runs-on')).toContainText('320×192', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Compare on these frames' }).click();
  const comparison = page.getByRole('region', { name: 'WebGPU against WebAssembly' });
  await expect(comparison.getByRole('row', { name: /Detections a second/ })).toContainText(/\d/, { timeout: 40_000 });
  await expect(comparison).toContainText('WebGPU did not run');
  await info.attach('lab-compared', { body: await page.screenshot({ fullPage: true }), contentType: 'image/png' });
  expect(errors).toEqual([]);
});

test('it fits a phone, and leads back to the dashboard', async ({ page }, info) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${stack.url}/lab`);
  await expect(page.getByRole('heading', { name: 'Lanecast lab' })).toBeVisible();
  await expect(page.getByLabel('Model')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await info.attach('lab-phone', { body: await page.screenshot({ fullPage: true }), contentType: 'image/png' });
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await expect(page).toHaveURL(`${stack.url}/`);
});
