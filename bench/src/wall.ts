/** `npm run bench:wall`: the dashboard's two renderers on walls of synthetic videos, in a real browser. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { runCommand, wholeNumber } from '@lanecast/scripts/command-line';
import { openBrowser } from './latency/viewer.js';
import { describeMachine } from './machine.js';
import type { WallFigures, WallReport } from './wall/figures.js';
import { serveWallPage } from './wall/page-server.js';
import { runWall } from './wall/wall-browser.js';

interface Flags {
  tiles: number[];
  seconds: number;
  window: { width: number; height: number };
  video: { width: number; height: number };
  tracks: number;
  software: boolean;
  headed: boolean;
  page?: string;
  browserFlag: string[];
  json?: string;
}

const size = (text: string): { width: number; height: number } => {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (width && height) return { width: Number(width), height: Number(height) };
  throw new InvalidArgumentError('A size is written WIDTHxHEIGHT, such as 1440x900.');
};

const command = new Command('bench:wall')
  .description('Measures the two renderers of the dashboard on walls of synthetic videos in Chromium.')
  .option('--tiles <list>', 'numbers of tiles', (list: string) => list.split(',').map(wholeNumber(1, 100)), [4, 16, 36])
  .option('--seconds <n>', 'of each run', wholeNumber(1, 600), 10)
  .option('--window <size>', 'of the page', size, { width: 1440, height: 900 })
  .option('--video <size>', 'of each video', size, { width: 640, height: 360 })
  .option('--tracks <n>', 'on each tile', wholeNumber(0, 200), 12)
  .option('--software', 'WebGPU on the processor: for correctness', false)
  .option('--headed', 'in a window on this screen', false)
  .option('--page <folder>', 'a page that was built before (bench/dist/../wall-page), where there is no Vite')
  .option('--browser-flag <flag...>', 'for the browser, such as --browser-flag=--use-vulkan=native', [])
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

const FPS = 25;
const SOURCES = 4;
const WARMUP_MS = 3000;
const HARDWARE_FLAGS = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'];
const SOFTWARE_FLAGS = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand(async () => {
  const flags = command.parse().opts<Flags>();
  const loadAverageBefore = loadavg()[0]!;
  const browserFlags = [...(flags.software ? SOFTWARE_FLAGS : HARDWARE_FLAGS), ...flags.browserFlag];
  const page = await serveWallPage(flags.page);
  const browser = await openBrowser(undefined, { flags: browserFlags, headed: flags.headed });
  const runs: WallFigures[] = [];
  let adapter = 'none';
  try {
    for (const tiles of flags.tiles)
      for (const renderer of ['canvas', 'webgpu'] as const) {
        const options = {
          ...{ tiles, renderer, acceptSoftware: flags.software, sources: SOURCES, fps: FPS, tracks: flags.tracks },
          ...flags.video,
        };
        const run = await runWall(browser, page.url, flags.window, options, WARMUP_MS, flags.seconds * 1000);
        if (renderer === 'webgpu') adapter = run.adapter;
        runs.push(run.figures);
        say(JSON.stringify(run.figures));
      }
    const report: WallReport = {
      bench: 'wall',
      date: new Date().toISOString(),
      machine: describeMachine(),
      loadAverage: { before: loadAverageBefore, after: loadavg()[0]! },
      browser: browser.version(),
      flags: browserFlags,
      adapter,
      window: flags.window,
      video: { ...flags.video, fps: FPS, sources: SOURCES },
      tracksPerTile: flags.tracks,
      secondsEach: flags.seconds,
      runs,
    };
    say(`WebGPU adapter: ${adapter}`);
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
  } finally {
    await browser.close();
    await page.close();
  }
});
