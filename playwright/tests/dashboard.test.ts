import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { exactness } from '../measured-frame.js';
import { watchErrors } from '../page-errors.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

/** Takes the candidates out of what the server says. */
const NO_CANDIDATES = `
  const { setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addIceCandidate = () => Promise.resolve();
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    return setRemoteDescription.call(this, { type, sdp: sdp.replace(/a=candidate:.*\\r\\n/g, '') });
  };
`;

let stack: Stack;
const ids = ['motorway', 'overhead'];
test.beforeAll(async () => {
  stack = await Stack.start(worldClips('01-motorway.mp4', '08-overhead.mp4'), ['--debug-frame-numbers']);
});
test.afterAll(() => stack.close());

test('the wall shows every camera live, over WebRTC, without an error', async ({ page }, info) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  await expect(dashboard.connection).toHaveText('WebRTC');
  for (const id of ids) {
    await expect(dashboard.tile(id)).toContainText(id);
    await expect(dashboard.tile(id)).toContainText(/\d+\s*fps/);
    await expect(dashboard.tile(id)).toContainText(/\d+\s*hold/);
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await info.attach('wall', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});

test('boxes belong to their frames: the number in the pixels is the one the server read', async ({ page }, info) => {
  test.setTimeout(120_000);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  const frames = await dashboard.frames(600, 60_000);
  const figures = exactness(frames);
  await info.attach('overlay-exactness', { body: JSON.stringify(figures, null, 2), contentType: 'application/json' });
  console.log(JSON.stringify(figures));
  expect(frames.length).toBeGreaterThanOrEqual(300);
  expect(frames.every(({ byTimestamp }) => byTimestamp)).toBe(true);
  expect(figures.proven).toBeGreaterThanOrEqual(150);
  expect(figures.wrong).toEqual([]);
  // Every frame gets boxes for its own time, and those that were not measured say so.
  const after = frames.slice(50);
  expect(after.filter(({ kind }) => kind === 'none').length / after.length).toBeLessThan(0.02);
  for (const frame of frames.filter(({ kind }) => kind === 'interpolated' || kind === 'predicted'))
    expect(frame.boxes.every(({ measured }) => !measured)).toBe(true);
});

test('the boxes on the page are those of /api/tracks', async ({ page }) => {
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  const [frames, messages] = await Promise.all([
    dashboard.frames(120, 20_000),
    page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const all: string[] = [];
          const source = new EventSource('/api/tracks');
          source.onmessage = ({ data }) => void all.push(String(data));
          setTimeout(() => {
            source.close();
            resolve(all);
          }, 8000);
        }),
    ),
  ]);
  interface Message {
    stream: string;
    rtpTimestamp: number;
    width: number;
    height: number;
    tracks: { id: number; class: string; box: [number, number, number, number]; speedKmh: number | null }[];
  }
  const byFrame = new Map<string, Message>();
  for (const text of messages) {
    const message = JSON.parse(text) as Message;
    byFrame.set(`${message.stream} ${message.rtpTimestamp}`, message);
  }
  let compared = 0;
  for (const frame of frames.filter(({ kind }) => kind === 'exact')) {
    const message = byFrame.get(`${frame.stream} ${frame.rtpTimestamp}`);
    if (!message) continue;
    compared++;
    expect(frame.boxes.map(({ id }) => id).sort()).toEqual(message.tracks.map(({ id }) => id).sort());
    for (const { id, box } of message.tracks) {
      const drawn = frame.boxes.find((candidate) => candidate.id === id)!;
      // The wire has 16 bits for the picture's width; boxes are clamped to the picture.
      const left = Math.max(0, box[0]);
      expect(Math.abs(drawn.x * message.width - left)).toBeLessThan(0.1);
    }
  }
  expect(compared).toBeGreaterThan(20);
});

test('click, keys and Escape lead to one camera and back; its figures are those of the server', async ({
  page,
}, info) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  const [first, second] = ids.map((id) => dashboard.tile(id));
  const before = (await second!.boundingBox())!.width;
  await page.keyboard.press('2');
  await expect(second!).toHaveClass(/full/);
  await expect.poll(async () => (await second!.boundingBox())!.width).toBeGreaterThan(before * 1.3);
  await expect(second!).toContainText('Exact boxes');
  await expect(second!).toContainText(/Video waits \d+ ms/);
  await info.attach('focus', { body: await page.screenshot(), contentType: 'image/png' });
  await page.keyboard.press('ArrowLeft');
  await expect(first!).toHaveClass(/full/);
  await page.keyboard.press('Escape');
  await expect(first!).not.toHaveClass(/full/);
  await first!.getByRole('button').click();
  await expect(first!).toHaveClass(/full/);
  await page.keyboard.press('Enter');
  await expect(first!).not.toHaveClass(/full/);
  const wall = await first!.getByRole('button').evaluate((button) => button.matches(':focus'));
  expect(wall).toBe(true);
  expect(errors).toEqual([]);
});

test('the fastest mode waits for nothing and carries boxes on; the smooth one comes back', async ({ page }) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  const kinds = async (): Promise<Set<string>> => {
    const frames = await dashboard.frames(80, 15_000);
    expect(frames.length).toBe(80);
    return new Set(frames.map(({ kind }) => kind));
  };
  await page.keyboard.press('m');
  await expect(dashboard.tile(ids[0]!)).toContainText(/\b0\s*hold/);
  // Whether a message beats its frame is a matter of the machine; boxes there are, at once or carried on.
  await expect(async () => expect([...(await kinds())]).not.toContain('none')).toPass({ timeout: 20_000 });
  await page.keyboard.press('m');
  await expect(dashboard.tile(ids[0]!)).toContainText(/[1-9]\d*\s*hold/);
  await expect(async () => expect([...(await kinds())]).toContain('exact')).toPass({ timeout: 20_000 });
  await expect(dashboard.connection).toHaveText('WebRTC');
  expect(errors).toEqual([]);
});

test('statistics say what runs, with charts and the exactness of the overlay', async ({ page }, info) => {
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  await page.keyboard.press('s');
  const drawer = page.getByRole('complementary', { name: 'Statistics' });
  await expect(drawer).toContainText('WebRTC');
  await expect(drawer).toContainText('Canvas 2D');
  await expect(drawer.locator('canvas').first()).toBeVisible();
  await expect(drawer.getByTestId('exact-percent')).toHaveText(/\d+\.\d % exact/);
  await info.attach('statistics', { body: await page.screenshot(), contentType: 'image/png' });
  await page.keyboard.press('t');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Back to the wall');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(errors).toEqual([]);
});

test('the wall looks as it was meant to', async ({ page }) => {
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  await page.mouse.move(700, 890);
  // Pictures and figures are never twice the same; what is left is the page itself.
  const changing = ['figure .picture', 'figcaption ul', '.overview', '.summary', '.badge', 'h1'];
  await expect(page).toHaveScreenshot('wall.png', {
    mask: changing.map((selector) => page.locator(selector)),
    maxDiffPixelRatio: 0.02,
  });
});

test('a phone gets one column that scrolls, without sideways overflow', async ({ page }, info) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const errors = watchErrors(page);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  const boxes = await Promise.all(ids.map(async (id) => (await dashboard.tile(id).boundingBox())!));
  expect(boxes[1]!.y).toBeGreaterThan(boxes[0]!.y + boxes[0]!.height - 1);
  expect(boxes[0]!.width).toBeGreaterThan(370);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await info.attach('phone', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});

test('without WebRTC the page shows motion JPEG within 5 s, and says which step failed', async ({ page }, info) => {
  const errors = watchErrors(page);
  // A network that lets no UDP through: no candidate of the server's ever reaches the page.
  await page.addInitScript({ content: NO_CANDIDATES });
  await page.goto(`${stack.url}/`);
  const image = page.locator('img[src^="/stream"]');
  await expect(image).toBeVisible({ timeout: 6000 });
  await expect(page.getByTestId('link-failure')).toHaveAttribute('data-step', 'ice');
  await expect(page.getByTestId('link-failure')).toContainText('UDP');
  await expect.poll(() => image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  await info.attach('fallback', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});

test('motion JPEG goes on after the server was restarted', async ({ page }) => {
  test.setTimeout(120_000);
  await page.addInitScript({ content: NO_CANDIDATES });
  await page.goto(`${stack.url}/`);
  const image = page.locator('img[src^="/stream"]');
  await expect(image).toBeVisible({ timeout: 6000 });
  const picture = (): Promise<string> =>
    image.evaluate((img: HTMLImageElement) => {
      const canvas = new OffscreenCanvas(160, 90);
      const context = canvas.getContext('2d')!;
      context.drawImage(img, 0, 0, canvas.width, canvas.height);
      return String(context.getImageData(0, 0, canvas.width, canvas.height).data);
    });
  await expect.poll(() => image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  const first = await picture();
  await expect.poll(picture, { timeout: 10_000 }).not.toBe(first);
  await stack.stopServer();
  await expect(page.getByRole('alert')).toContainText('does not answer', { timeout: 15_000 });
  const last = await picture();
  await stack.startServer(['--debug-frame-numbers']);
  await expect.poll(picture, { timeout: 30_000 }).not.toBe(last);
});

test('a camera that dies is explained on its tile, and comes back by itself', async ({ page }) => {
  test.setTimeout(120_000);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  const camera = stack.cameras[1]!;
  await camera.switchOff();
  const tile = dashboard.tile(camera.id);
  await expect(tile).toHaveAttribute('data-state', /offline|stalled|connecting/, { timeout: 20_000 });
  await expect(tile.getByRole('status')).toContainText(/retried|asked|keyframe/);
  await expect(dashboard.tile(ids[0]!)).toHaveAttribute('data-state', 'live');
  await camera.switchOn();
  await dashboard.untilLive(camera.id, 60_000);
  const frames = await dashboard.frames(60, 15_000);
  expect(frames.some(({ stream, kind }) => stream === camera.id && kind === 'exact')).toBe(true);
});

test('the page finds back to a server that was restarted, and loads itself anew where it was upgraded', async ({
  page,
}) => {
  test.setTimeout(120_000);
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  let loads = 0;
  page.on('load', () => loads++);
  await stack.stopServer();
  await expect(page.getByRole('alert')).toContainText('does not answer', { timeout: 15_000 });
  await stack.startServer(['--debug-frame-numbers']);
  await expect(dashboard.connection).toHaveText('WebRTC', { timeout: 30_000 });
  for (const id of ids) await dashboard.untilLive(id, 30_000);
  await expect(page.getByRole('alert')).toBeHidden();
  const frames = await dashboard.frames(100, 20_000);
  expect(frames.filter(({ kind }) => kind === 'exact').length).toBeGreaterThan(30);
  expect(loads).toBe(0);

  // An upgrade, as the page sees it: what the server gives begins with another script. What is loaded then is the real page.
  await page.route(`${stack.url}/`, async (route) => {
    if (route.request().isNavigationRequest()) return route.continue();
    const response = await route.fetch();
    return route.fulfill({ response, body: (await response.text()).replace(/index-[\w-]+\.js/, 'index-upgraded.js') });
  });
  const reloaded = page.waitForEvent('load', { timeout: 60_000 });
  await stack.stopServer();
  await stack.startServer(['--debug-frame-numbers']);
  await reloaded;
  for (const id of ids) await dashboard.untilLive(id, 30_000);
  expect(loads).toBe(1);
});
