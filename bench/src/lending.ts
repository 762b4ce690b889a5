/** `npm run bench:lending`: the same streams detected by the server, and then by a page that lends; what each costs. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { runCommand, wholeNumber } from '@lanecast/scripts/command-line';
import { LanecastError } from '@lanecast/server/core/errors';
import type { PipelineStats } from '@lanecast/server/pipeline/api';
import type { StreamInfo } from '@lanecast/server/core/types';
import type { Browser, Page } from 'playwright-core';
import { LanecastProcess } from './latency/lanecast-process.js';
import { openBrowser } from './latency/viewer.js';
import {
  compareUse,
  cpuSecondsOf,
  type LendingReport,
  type ServerUse,
  useBetween,
  type UseSample,
} from './lending/figures.js';
import { describeMachine } from './machine.js';
import { StreamFarm } from './throughput/stream-farm.js';

interface Flags {
  streams: number;
  seconds: number;
  backend: 'auto' | 'wasm' | 'webgpu';
  chromiumFlag: string[];
  json?: string;
}

const command = new Command('bench:lending')
  .description(
    'Detection on the server against detection in a page that lends (headless Chromium), on the same streams.',
  )
  .option('--streams <n>', 'how many', wholeNumber(1, 16), 2)
  .option('--seconds <s>', 'how long each is measured', wholeNumber(5, 600), 20)
  .addOption(new Option('--backend <b>', 'of the page').choices(['auto', 'wasm', 'webgpu']).default('auto'))
  .option(
    '--chromium-flag <flag>',
    'for Chromium (PLAYWRIGHT_CHROMIUM names one); again for more',
    (flag: string, all: string[]) => [...all, flag],
    [],
  )
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

const CLIPS = ['01-motorway.mp4', '08-overhead.mp4', '03-junction.mp4', '02-bend.mp4'];
const CLIP_DIRECTORY = fileURLToPath(new URL('../../scripts/world/clips/', import.meta.url));
const SETTLE_MS = 5000;
const LENT_TIMEOUT_MS = 90_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

await runCommand(async () => {
  const flags = command.parse().opts<Flags>();
  const machine = describeMachine();
  const loadAverageBefore = loadavg()[0]!;
  const browser = await openBrowser(undefined, { flags: flags.chromiumFlag });
  let farm: StreamFarm | null = null;
  try {
    const clips = CLIPS.map((name) => CLIP_DIRECTORY + name);
    farm = await StreamFarm.start(flags.streams, clips);
    const base = farm.urls[0]!.replace(/\/[^/]*$/, '');
    const server = await measure(browser, base, flags, 'server');
    const lent = await measure(browser, base, flags, 'browser');
    const report: LendingReport = {
      bench: 'lending',
      date: new Date().toISOString(),
      machine,
      loadAverage: { before: loadAverageBefore, after: loadavg()[0]! },
      browser: browser.version(),
      streams: flags.streams,
      lender: lent.lender!,
      server: server.use,
      lent: lent.use,
      ...compareUse(server.use, lent.use),
    };
    say(JSON.stringify(report, null, 1));
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
  } finally {
    await browser.close();
    await farm?.close();
  }
});

interface Measured {
  use: ServerUse;
  lender: LendingReport['lender'] | null;
}

/** One server, one page that shows all streams, and what the server used. */
async function measure(
  browser: Browser,
  rtspBase: string,
  flags: Flags,
  where: 'server' | 'browser',
): Promise<Measured> {
  const count = String(flags.streams);
  const late = ['--max-lent-latency-ms', '5000'];
  const server = await LanecastProcess.start([
    '--streams',
    count,
    '--rtsp-base',
    rtspBase,
    '--detector',
    where,
    ...late,
  ]);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    const lends = where === 'browser';
    await page.goto(lends ? `${server.url}/?lend=1&lend-backend=${flags.backend}` : `${server.url}/?lend=0`);
    await untilDetected(server.url, page, where);
    await pause(SETTLE_MS);
    const before = await sample(server.url);
    await pause(flags.seconds * 1000);
    const after = await sample(server.url);
    const { stages, lending } = await ask<PipelineStats>(server.url, '/api/stats');
    const { p50Ms: p50, p95Ms: p95 } = lends ? lending!.latency : stages.endToEnd;
    return { use: useBetween(before, after, { p50, p95 }), lender: lends ? await lenderOf(page) : null };
  } finally {
    await page.close();
    await server.close();
  }
}

async function untilDetected(url: string, page: Page, where: 'server' | 'browser'): Promise<void> {
  const deadlineMs = Date.now() + LENT_TIMEOUT_MS;
  for (;;) {
    const streams = await ask<StreamInfo[]>(url, '/api/streams');
    if (streams.every(({ detectedBy, counters }) => detectedBy === where && counters.detected > 10)) return;
    if (Date.now() > deadlineMs) {
      const phase = await page.getByTestId('lend').getAttribute('data-phase');
      throw new LanecastError(
        'bench-not-lent',
        `Waiting for detection by the ${where}: not all streams had it in ${LENT_TIMEOUT_MS / 1000} s (the page: ${phase})`,
      );
    }
    await pause(250);
  }
}

/** What the page says of itself. */
async function lenderOf(page: Page): Promise<LendingReport['lender']> {
  const button = page.getByTestId('lend');
  await button.click();
  const texts = await page.locator('section[aria-label="Lend this GPU"] dd').allTextContents();
  const [runsOn = '', model = '', detections = ''] = texts.map((text) => text.trim());
  const measuredPerS = Number(/of (\d+)\/s/.exec(detections)?.[1] ?? 0);
  return { backend: runsOn.startsWith('WebGPU') ? 'webgpu' : 'wasm', runsOn, model, measuredPerS };
}

async function sample(url: string): Promise<UseSample> {
  const [metrics, streams] = await Promise.all([
    fetch(`${url}/metrics`).then((response) => response.text()),
    ask<StreamInfo[]>(url, '/api/streams'),
  ]);
  const detected = streams.reduce((sum, { counters }) => sum + counters.detected, 0);
  return { atMs: performance.now(), cpuSeconds: cpuSecondsOf(metrics), detected };
}

async function ask<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(url + path)).json()) as T;
}
