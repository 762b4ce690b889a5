/** NumPy and torchvision on the same boxes, by way of Python, where that has them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchCase } from './cases.js';
import type { Timing } from './timing.js';

export const BASELINES = ['numpy', 'torchvision', 'torchvision-cuda'] as const;
export type Baseline = (typeof BASELINES)[number];

export type BaselineResult = (Timing & { kept: number }) | { skipped: string };

export interface Baselines {
  software: Record<string, string>;
  cases: Record<string, Partial<Record<Baseline, BaselineResult>>>;
}

const SCRIPT = fileURLToPath(new URL('../../nms/baselines.py', import.meta.url));

/** Rejects with what Python said if it cannot run the script (no Python, no NumPy). */
export async function runBaselines(cases: readonly BenchCase[], python = 'python3'): Promise<Baselines> {
  const directory = mkdtempSync(join(tmpdir(), 'lanecast-nms-'));
  try {
    const jobs = cases.map(({ id, set, iouThreshold, offsets }, i) => {
      const [boxes, scores] = [join(directory, `${i}.boxes`), join(directory, `${i}.scores`)];
      writeFileSync(boxes, set.boxes);
      writeFileSync(scores, set.scores);
      return { id, boxes, scores, iou: iouThreshold, offsets: offsets && [...offsets] };
    });
    const casesPath = join(directory, 'cases.json');
    const resultsPath = join(directory, 'results.json');
    writeFileSync(casesPath, JSON.stringify(jobs));
    await runPython(python, [SCRIPT, casesPath, resultsPath]);
    return JSON.parse(readFileSync(resultsPath, 'utf8')) as Baselines;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function runPython(python: string, command: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, command, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(complaint.trim().split('\n').at(-1) || `${python} ended with status ${code}`));
    });
  });
}
