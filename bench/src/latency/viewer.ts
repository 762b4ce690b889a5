import { existsSync } from 'node:fs';
import { LanecastError } from '@lanecast/server/core/errors';
import type { MeasuredFrame, MeasureFrames } from '@lanecast/server/core/measured-frame';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { PresentedFrame } from './figures.js';

const LIVE_TIMEOUT_MS = 30_000;
const FLAGS = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface BrowserOptions {
  /** Besides the usual ones. */
  flags?: readonly string[];
  /** In a window, not headless. */
  headed?: boolean;
}

/** PLAYWRIGHT_CHROMIUM, else Debian's, else Playwright's own. */
const browserPaths = (): (string | undefined)[] => [
  process.env['PLAYWRIGHT_CHROMIUM'],
  '/usr/bin/chromium',
  chromium.executablePath(),
];

/** The first that is there. Rejects with a LanecastError `browser-missing`. */
export async function openBrowser(
  paths: readonly (string | undefined)[] = browserPaths(),
  { flags = [], headed = false }: BrowserOptions = {},
): Promise<Browser> {
  const executablePath = paths.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined)
    throw new LanecastError(
      'browser-missing',
      'Opening the dashboard: no Chromium here. Install one (apt install chromium), name one in PLAYWRIGHT_CHROMIUM, ' +
        'or run npx playwright install chromium.',
    );
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...FLAGS, ...flags];
  return chromium.launch({ executablePath, headless: !headed, args });
}

/** The page's global object; this project has no types of the DOM. */
interface MeasureWindow {
  lanecastFrames?: MeasureFrames;
  firstPicture?: Promise<MeasuredFrame[]>;
}

/** A page that measures from the moment at which the dashboard offers to. */
async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript((timeoutMs) => {
    const target = globalThis as MeasureWindow;
    let offered: MeasureWindow['lanecastFrames'];
    Object.defineProperty(target, 'lanecastFrames', {
      get: () => offered,
      set: (hook: NonNullable<typeof offered>) => {
        offered = hook;
        target.firstPicture = hook(1, timeoutMs);
      },
    });
  }, LIVE_TIMEOUT_MS);
  await page.goto(`${url}/?measure`, { waitUntil: 'commit' });
  return page;
}

/** @throws LanecastError `no-picture`. */
async function firstPictureOf(page: Page): Promise<number> {
  await page.waitForFunction(() => (globalThis as MeasureWindow).firstPicture !== undefined, undefined, {
    timeout: LIVE_TIMEOUT_MS,
  });
  const [first] = await page.evaluate(() => (globalThis as MeasureWindow).firstPicture!);
  if (first) return first.atMs;
  throw new LanecastError('no-picture', `Measuring the first picture: none came within ${LIVE_TIMEOUT_MS / 1000} s.`);
}

/** Milliseconds from the start of the navigation to the first presented frame; every load in a fresh profile. */
export async function measureFirstPicture(browser: Browser, url: string): Promise<number> {
  const page = await openPage(browser, url);
  try {
    return await firstPictureOf(page);
  } finally {
    await page.close();
  }
}

export interface WatchOptions {
  count: number;
  mode: 'smooth' | 'fastest';
  warmupMs: number;
  timeoutMs: number;
  /** The warm-up is over. */
  onBegin: () => void;
}

/** The next presented frames of all tiles, after a warm-up. */
export async function watchFrames(
  browser: Browser,
  url: string,
  { count, mode, warmupMs, timeoutMs, onBegin }: WatchOptions,
): Promise<PresentedFrame[]> {
  const page = await openPage(browser, url);
  try {
    await firstPictureOf(page);
    if (mode === 'fastest') await page.keyboard.press('m');
    await page.waitForTimeout(warmupMs);
    onBegin();
    const frames = await page.evaluate(([n, ms]) => (globalThis as MeasureWindow).lanecastFrames!(n, ms), [
      count,
      timeoutMs,
    ] as const);
    return frames.map((frame) => ({
      ...frame,
      displayEpochMs: frame.epochMs - frame.atMs + frame.expectedDisplayMs,
    }));
  } finally {
    await page.close();
  }
}
