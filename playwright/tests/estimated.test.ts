import { expect, type Page, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { DashboardPage } from '../dashboard-page.js';
import type { MeasuredFrame } from '../measured-frame.js';
import { watchErrors } from '../page-errors.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

/**
 * A browser that does not tell frames' RTP timestamps: the page does not see them, but they are kept aside, by the stream
 * and the media time of each frame, for the proof.
 */
const NO_TIMESTAMPS = `
  window.trueTimestamps = {};
  const request = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    return request.call(this, (now, { rtpTimestamp, ...metadata }) => {
      const stream = this.closest('figure')?.dataset.stream;
      window.trueTimestamps[stream + ' ' + metadata.mediaTime] = rtpTimestamp;
      callback(now, metadata);
    });
  };
`;
/** And one whose receivers do not tell them either. */
const NO_SOURCES = `RTCRtpReceiver.prototype.getSynchronizationSources = () => [];`;

const ids = ['motorway', 'overhead'];
let stack: Stack;
test.beforeAll(async () => {
  stack = await Stack.start(worldClips('01-motorway.mp4', '08-overhead.mp4'), ['--debug-frame-numbers']);
});
test.afterAll(() => stack.close());

interface Estimates {
  frames: number;
  kinds: Record<string, number>;
  /** Frames that were taken to be one that has a message, and whose own pixels were read. */
  judged: number;
  /** Of these, those that were that frame, by the numbers in the pixels and in the message. */
  right: number;
  rightPct: number;
}

async function estimates(page: Page, frames: readonly MeasuredFrame[]): Promise<Estimates> {
  const truth = await page.evaluate(
    () => (window as unknown as { trueTimestamps: Record<string, number> }).trueTimestamps,
  );
  const kinds: Record<string, number> = {};
  for (const { kind } of frames) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const judged = frames.filter(
    ({ stream, mediaTimeS, kind, pixelFrameNo, pixelRtpTimestamp }) =>
      kind === 'exact' && pixelFrameNo !== null && truth[`${stream} ${mediaTimeS}`] === pixelRtpTimestamp,
  );
  const right = judged.filter(({ pixelFrameNo, messageFrameNo }) => pixelFrameNo === messageFrameNo).length;
  const rightPct = Math.round((1000 * right) / judged.length) / 10;
  return { frames: frames.length, kinds, judged: judged.length, right, rightPct };
}

test('without RTP timestamps boxes find their frames by an estimate, and the page says so', async ({ page }, info) => {
  test.setTimeout(120_000);
  const errors = watchErrors(page);
  await page.addInitScript({ content: NO_TIMESTAMPS });
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  const frames = await dashboard.frames(400, 60_000);
  expect(frames.every(({ byTimestamp, rtpTimestamp }) => !byTimestamp && rtpTimestamp === null)).toBe(true);
  const figures = await estimates(page, frames);
  await info.attach('estimates', { body: JSON.stringify(figures, null, 2), contentType: 'application/json' });
  console.log(JSON.stringify(figures));
  expect(figures.judged).toBeGreaterThanOrEqual(100);
  // Measured: 99 to 100 % on a machine that is short of time.
  expect(figures.rightPct).toBeGreaterThanOrEqual(95);
  await page.keyboard.press('1');
  await expect(dashboard.tile(ids[0]!)).toContainText('Boxes, time estimated');
  await page.keyboard.press('s');
  await expect(page.getByRole('region', { name: 'Overlay exactness' })).toContainText('estimated time');
  await info.attach('estimated', { body: await page.screenshot(), contentType: 'image/png' });
  expect(errors).toEqual([]);
});

test('where receivers tell nothing either, boxes are near their frames', async ({ page }, info) => {
  test.setTimeout(120_000);
  await page.addInitScript({ content: NO_TIMESTAMPS + NO_SOURCES });
  const dashboard = new DashboardPage(page);
  await dashboard.open(stack.url, ids);
  await dashboard.frames(120, 20_000);
  const frames = await dashboard.frames(300, 60_000);
  const figures = await estimates(page, frames);
  await info.attach('estimates', { body: JSON.stringify(figures, null, 2), contentType: 'application/json' });
  console.log(JSON.stringify(figures));
  const told = frames.filter(({ pixelFrameNo, messageFrameNo }) => pixelFrameNo !== null && messageFrameNo !== null);
  const apart = told.map(({ pixelFrameNo, messageFrameNo }) => Math.abs(pixelFrameNo! - messageFrameNo!));
  const sorted = apart.sort((a, b) => a - b);
  console.log(`frames apart: median ${sorted[sorted.length >> 1]}, p95 ${sorted[Math.floor(0.95 * sorted.length)]}`);
  expect(told.length).toBeGreaterThan(100);
  expect(sorted[sorted.length >> 1]).toBeLessThanOrEqual(4);
});
