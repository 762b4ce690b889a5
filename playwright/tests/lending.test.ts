import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import { watchErrors } from '../page-errors.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const ID = 'overhead';
/** WebAssembly on a machine that also decodes, serves and shows: it may take its time. */
const FLAGS = ['--detector', 'browser', '--max-lent-latency-ms', '4000', '--debug-frame-numbers'];

let stack: Stack;
test.beforeAll(async () => {
  stack = await Stack.start(worldClips('08-overhead.mp4'), FLAGS);
});
test.afterAll(() => stack.close());

interface Stream {
  detectedBy: string | null;
  rates: { fps: number };
}

async function stream(): Promise<Stream> {
  const [only] = (await (await fetch(`${stack.url}/api/streams`)).json()) as Stream[];
  return only!;
}

interface Message {
  detectedBy: string;
  rtpTimestamp: number;
  frameNo?: number;
  tracks: { class: string }[];
}

/** Track messages of `/api/tracks`, until there are so many with tracks. */
async function trackedMessages(count: number): Promise<Message[]> {
  const response = await fetch(`${stack.url}/api/tracks`, { signal: AbortSignal.timeout(60_000) });
  const messages: Message[] = [];
  let text = '';
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  while (messages.filter(({ tracks }) => tracks.length > 0).length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    const events = (text + value).split('\n\n');
    text = events.pop()!;
    for (const event of events)
      if (event.startsWith('data: '))
        messages.push(JSON.parse(event.slice('data: '.length)) as (typeof messages)[number]);
  }
  await reader.cancel();
  return messages;
}

test('a page lends, by WebAssembly with threads: what it finds is tracked for everybody, on its frames', async ({
  page,
}, info) => {
  test.setTimeout(150_000);
  const errors = watchErrors(page);
  expect((await stream()).detectedBy).toBeNull();
  await page.goto(`${stack.url}/?measure&lend=1&lend-backend=wasm`);
  const dashboard = new DashboardPage(page);
  await dashboard.untilLive(ID);
  const button = page.getByTestId('lend');
  await expect(button).toHaveAttribute('data-phase', 'lending', { timeout: 60_000 });
  await expect.poll(async () => (await stream()).detectedBy, { timeout: 20_000 }).toBe('browser');

  await button.click();
  const panel = page.getByRole('region', { name: 'Lend this GPU' });
  await expect(panel.getByRole('switch')).toBeChecked();
  await expect(panel).toContainText('Detecting for everybody who watches');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  if (cores > 1) await expect(panel).toContainText(/WebAssembly, [2-9] threads/);
  await expect(panel).toContainText(ID);
  await expect(dashboard.tile(ID)).toContainText(/lent\/s/, { timeout: 10_000 });

  const [messages, frames] = await Promise.all([trackedMessages(40), dashboard.frames(250, 50_000)]);
  const tracked = messages.filter(({ tracks }) => tracks.length > 0);
  expect(tracked.every(({ detectedBy }) => detectedBy === 'browser')).toBe(true);
  expect(tracked.flatMap(({ tracks }) => tracks).every((track) => /car|truck|bus|motorcycle/.test(track.class))).toBe(
    true,
  );

  // Boxes belong to their frames, whoever found them: the number that the server read in the frame that a message is of is
  // the one in the pixels that the page showed, and detected on, under the same timestamp.
  const numbers = new Map(messages.map(({ rtpTimestamp, frameNo }) => [rtpTimestamp, frameNo]));
  const proven = frames.filter(
    ({ rtpTimestamp, pixelRtpTimestamp, pixelFrameNo }) =>
      pixelFrameNo !== null && pixelRtpTimestamp === rtpTimestamp && numbers.has(rtpTimestamp ?? -1),
  );
  expect(proven.length).toBeGreaterThanOrEqual(5);
  for (const { rtpTimestamp, pixelFrameNo } of proven) expect(numbers.get(rtpTimestamp!)).toBe(pixelFrameNo);
  const { fps } = (await stream()).rates;
  await info.attach('lending', { body: await page.screenshot(), contentType: 'image/png' });
  console.log(JSON.stringify({ fps, frames: frames.length, proven: proven.length }));

  // A page that is hidden gives back what it has, and takes it again when it is shown.
  const setHidden = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await setHidden(true);
  await expect(button).toHaveAttribute('data-phase', 'hidden');
  await expect.poll(async () => (await stream()).detectedBy, { timeout: 3000 }).toBeNull();
  await setHidden(false);
  await expect(button).toHaveAttribute('data-phase', 'lending', { timeout: 20_000 });

  // The switch ends it.
  await panel.getByRole('switch').uncheck();
  await expect(button).toHaveAttribute('data-phase', 'off');
  await expect.poll(async () => (await stream()).detectedBy, { timeout: 3000 }).toBeNull();
  expect(errors).toEqual([]);
});
