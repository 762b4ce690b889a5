/** `npm run bench:browser`: the browser's detector on WebAssembly and on WebGPU, in one Chromium: speed and agreement. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runCommand, wholeNumber } from '@lanecast/scripts/command-line';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import { Command, Option } from 'commander';
import type { Browser, Page } from 'playwright-core';
import { type Agreement, type Backend, type Offered, type Outcome, type Run, runsOf, tableOf } from './browser/runs.js';
import { decodeClip } from './clips/clip-frames.js';
import { LanecastProcess } from './latency/lanecast-process.js';
import { openBrowser } from './latency/viewer.js';
import { describeMachine } from './machine.js';

interface Flags {
  backend: 'both' | Backend;
  chromiumFlag: string[];
  allowSoftwareGpu?: boolean;
  width?: number;
  timeout: number;
  json?: string;
}

const collect = (flag: string, all: string[]): string[] => [...all, flag];
const command = new Command('bench:browser')
  .description("The browser's detector on WebAssembly and on WebGPU: detections a second, and how closely they agree.")
  .addOption(new Option('--backend <b>', 'what is measured').choices(['both', 'webgpu', 'wasm']).default('both'))
  .option('--chromium-flag <flag>', 'for Chromium (PLAYWRIGHT_CHROMIUM names one); again for more', collect, [])
  .option('--allow-software-gpu', 'take a WebGPU adapter that computes on the processor, too')
  .option('--width <px>', 'only the models of this width', wholeNumber(32, 4096))
  .option('--timeout <s>', 'for each line of the table', wholeNumber(5, 600), 30)
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

const CLIP = fileURLToPath(new URL('../../scripts/world/clips/01-motorway.mp4', import.meta.url));
const PICTURE_INDEX = 100;
/** Candidates from here on are held against each other. */
const FROM_SCORE = 0.25;
const SCORE_THRESHOLD = 0.1;
const HOOK_TIMEOUT_MS = 20_000;

/** One picture as a decoder hands it out: planar I420. */
interface Picture {
  i420: string;
  width: number;
  height: number;
}

interface Answer {
  info: { backend: string; backendReason: string | null; threads: number; adapter: string | null };
  rows: number[];
  perSecond: number | null;
  firstMs: number;
}

/** The lab's hook (client/src/lab/measurement-hook.ts); this project has no types of the DOM. */
interface LabWindow {
  lanecastDetect?: (request: Picture & Record<string, unknown>) => Promise<Answer>;
  lanecastAgreement?: (a: number[], b: number[], size: Picture, fromScore: number) => Agreement;
}

await runCommand(async () => {
  const flags = command.parse().opts<Flags>();
  const backends: Backend[] = flags.backend === 'both' ? ['wasm', 'webgpu'] : [flags.backend];
  const loadAverageBefore = loadavg()[0]!;
  const picture = await pictureOf(CLIP);
  const browser = await openBrowser(undefined, { flags: flags.chromiumFlag });
  let server: LanecastProcess | null = null;
  try {
    // The stream is never there: all of the machine is the browser's.
    server = await LanecastProcess.start(['--streams', '1', '--rtsp-base', 'rtsp://127.0.0.1:9']);
    const offered = (await (await fetch(`${server.url}/api/models`)).json()) as Offered[];
    const models = offered.filter(({ width }) => flags.width === undefined || width === flags.width);
    const threads = [...new Set([1, Math.min(4, Math.max(2, availableParallelism() - 2))])];
    const outcomes = await measureAll(browser, server.url, runsOf(models, threads, backends), picture, flags);
    process.stdout.write(`${tableOf(outcomes)}\n`);
    const adapters = outcomes.flatMap((outcome) => (outcome.failure === null ? (outcome.adapter ?? []) : []));
    if (adapters[0] !== undefined) process.stdout.write(`WebGPU on: ${adapters[0]}\n`);
    for (const { width, backend, precision, failure } of outcomes)
      if (failure !== null) process.stdout.write(`${width} ${backend} ${precision}: ${failure}\n`);
    const report = {
      bench: 'browser',
      date: new Date().toISOString(),
      machine: describeMachine(),
      loadAverage: { before: loadAverageBefore, after: loadavg()[0]! },
      browser: browser.version(),
      chromiumFlags: flags.chromiumFlag,
      picture: { width: picture.width, height: picture.height },
      outcomes,
    };
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
  } finally {
    await browser.close();
    await server?.close();
  }
});

async function measureAll(
  browser: Browser,
  url: string,
  runs: readonly Run[],
  picture: Picture,
  flags: Flags,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  /** By width: what WebAssembly found. */
  const reference = new Map<number, number[]>();
  for (const run of runs) {
    // A page of its own: what one run leaves behind in a thread or on the GPU is not the next one's.
    const page = await browser.newPage();
    try {
      await page.goto(`${url}/lab?measure`);
      await page.waitForFunction(() => (globalThis as LabWindow).lanecastDetect !== undefined, undefined, {
        timeout: HOOK_TIMEOUT_MS,
      });
      const measured = await within(flags.timeout, measure(page, run, picture, flags.allowSoftwareGpu === true));
      const { rows, ...figures } = measured;
      const held = reference.get(run.width);
      if (!held && run.backend === 'wasm') reference.set(run.width, rows);
      const agreement = held ? await agreementOf(page, held, rows, picture) : null;
      outcomes.push({ ...run, failure: null, ...figures, agreement });
    } catch (error) {
      outcomes.push({ ...run, failure: messageOf(error).split('\n')[0]! });
    } finally {
      await page.close();
    }
    process.stderr.write(`${outcomes.length} of ${runs.length}\n`);
  }
  return outcomes;
}

async function measure(
  page: Page,
  { backend, precision, threads, width }: Run,
  picture: Picture,
  allowSoftwareGpu: boolean,
): Promise<{ adapter: string | null; rows: number[]; perSecond: number; firstMs: number }> {
  const request = {
    ...picture,
    backend,
    precision,
    ...(threads !== null && { threads }),
    modelWidth: width,
    allowSoftwareGpu,
    scoreThreshold: SCORE_THRESHOLD,
    maxRows: 1000,
    timeStages: false,
    benchmark: true,
  };
  const { info, rows, perSecond, firstMs } = await page.evaluate(
    (all) => (globalThis as LabWindow).lanecastDetect!(all),
    request,
  );
  return { adapter: info.adapter, rows, perSecond: perSecond!, firstMs };
}

function agreementOf(page: Page, a: number[], b: number[], picture: Picture): Promise<Agreement> {
  return page.evaluate(
    ([one, other, size, from]) => (globalThis as LabWindow).lanecastAgreement!(one, other, size, from),
    [a, b, picture, FROM_SCORE] as const,
  );
}

async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LanecastError('bench-timeout', `no result within ${seconds} s`)),
      1000 * seconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A picture of a clip, its planes without gaps. */
async function pictureOf(clip: string): Promise<Picture> {
  const found: Picture[] = [];
  await decodeClip(clip, (frame, index) => {
    if (index !== PICTURE_INDEX) return Promise.resolve();
    const { width, height } = frame;
    const planes = [width, width / 2, width / 2].flatMap((columns, plane) =>
      Array.from({ length: columns === width ? height : height / 2 }, (_, row) => {
        const at = row * frame.linesize[plane]!;
        return Buffer.from(frame.data![plane]!.subarray(at, at + columns));
      }),
    );
    found.push({ i420: Buffer.concat(planes).toString('base64'), width, height });
    return Promise.resolve();
  });
  const [picture] = found;
  if (!picture) throw new LanecastError('clip-unreadable', `${clip} has no picture ${PICTURE_INDEX}`);
  return picture;
}
