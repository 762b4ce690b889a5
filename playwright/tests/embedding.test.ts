import { createServer, type Server } from 'node:http';
import { expect, type Page, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { type Demo, startDemo } from '../demo.js';

test.skip(noBrowser !== null, noBrowser ?? '');

let demo: Demo;
let ids: string[];
test.beforeAll(async () => {
  demo = await startDemo(['--streams', '4']);
  const streams = (await (await fetch(`${demo.url}/api/streams`)).json()) as { id: string }[];
  ids = streams.map(({ id }) => id);
});
test.afterAll(() => demo.close());

/** The size of the picture that an <img> shows; waits until there is one. */
async function pictureSize(page: Page, selector: string): Promise<[number, number]> {
  await page.waitForFunction((s) => (document.querySelector<HTMLImageElement>(s)?.naturalWidth ?? 0) > 0, selector);
  return page.$eval(selector, (img) => [
    (img as HTMLImageElement).naturalWidth,
    (img as HTMLImageElement).naturalHeight,
  ]);
}

test('an <img> on a page of another origin shows moving pictures', async ({ page }) => {
  const html = `<!doctype html><title>embedding</title><body style="margin:0"><img src="${demo.url}/stream" width="1280" height="720">`;
  const host: Server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  try {
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.goto(`http://127.0.0.1:${(host.address() as { port: number }).port}/`);
    expect(await pictureSize(page, 'img')).toEqual([1280, 720]);
    const first = await page.screenshot();
    await expect(async () => expect((await page.screenshot()).equals(first)).toBe(false)).toPass({ timeout: 10_000 });
  } finally {
    host.closeAllConnections();
    host.close();
  }
});

test('one stream fills a picture of its own shape', async ({ page }) => {
  await page.setContent(`<img src="${demo.url}/stream/${ids[1]}">`);
  const [width, height] = await pictureSize(page, 'img');
  expect(width / height).toBeCloseTo(640 / 360, 2);
});

test('a script reads tracks from the event stream', async ({ page }) => {
  await page.goto(`${demo.url}/`);
  const message = await page.evaluate(
    (id) =>
      new Promise<string>((resolve, reject) => {
        const source = new EventSource(`/api/tracks?stream=${id}`);
        source.onmessage = (event) => {
          const text = String(event.data);
          if (!text.includes('"tracks":[]')) {
            source.close();
            resolve(text);
          }
        };
        setTimeout(() => reject(new Error('no tracks in 20 s')), 20_000);
      }),
    ids[2]!,
  );
  expect(JSON.parse(message)).toMatchObject({
    stream: ids[2],
    width: 640,
    height: 360,
    tracks: expect.arrayContaining([expect.objectContaining({ class: expect.any(String), box: expect.any(Array) })]),
  });
});
