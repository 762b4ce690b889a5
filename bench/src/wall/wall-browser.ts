import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { wallFigures, type WallFigures } from './figures.js';

/** What the page takes: client/src/wall-bench/bench-wall.ts. */
export interface WallOptions {
  tiles: number;
  renderer: WallFigures['renderer'];
  acceptSoftware: boolean;
  sources: number;
  width: number;
  height: number;
  fps: number;
  tracks: number;
}

interface Counts {
  due: number;
  drawn: number;
  failure: string | null;
  /** When it was counted, `performance.now()` of the page. */
  atMs: number;
}

/** The page's global object; this project has no types of the DOM. */
interface BenchWindow {
  wallBench?: { start(options: WallOptions): Promise<string>; counts(): Counts };
}

export interface WallRun {
  figures: WallFigures;
  adapter: string;
}

/** Runs one wall in a page of its own: a warm-up, then the window that counts. */
export async function runWall(
  browser: Browser,
  url: string,
  size: { width: number; height: number },
  options: WallOptions,
  warmupMs: number,
  durationMs: number,
): Promise<WallRun> {
  const page = await browser.newPage({ viewport: size });
  const ofPage = await page.context().newCDPSession(page);
  const ofBrowser = await browser.newBrowserCDPSession();
  try {
    await ofPage.send('Performance.enable');
    await page.goto(url);
    const adapter = await page.evaluate((o) => (globalThis as BenchWindow).wallBench!.start(o), options);
    await wait(warmupMs);
    const before = await sample(page, ofPage, ofBrowser);
    await wait(durationMs);
    const after = await sample(page, ofPage, ofBrowser);
    const figures = wallFigures(options.renderer, {
      tiles: options.tiles,
      seconds: (after.atMs - before.atMs) / 1000,
      due: after.due - before.due,
      drawn: after.drawn - before.drawn,
      mainThreadS: after.mainThreadS - before.mainThreadS,
      cpuS: after.cpuS - before.cpuS,
    });
    return { adapter, figures: { ...figures, ...(after.failure !== null && { failure: after.failure }) } };
  } finally {
    await ofBrowser.detach();
    await page.close();
  }
}

async function sample(page: Page, ofPage: CDPSession, ofBrowser: CDPSession) {
  const counts = await page.evaluate(() => (globalThis as BenchWindow).wallBench!.counts());
  const { metrics } = await ofPage.send('Performance.getMetrics');
  const { processInfo } = await ofBrowser.send('SystemInfo.getProcessInfo');
  return {
    ...counts,
    mainThreadS: metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN,
    cpuS: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
  };
}
