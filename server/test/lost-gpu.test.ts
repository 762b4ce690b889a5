import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildFixtureModel } from '@lanecast/models/fixture';
import { afterAll, expect, it } from 'vitest';
import { cudaMissingReason } from '../dist/detect/execution-provider.js';

const here = (name: string): string => fileURLToPath(new URL(`lost-gpu/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lanecast-lost-gpu-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(cudaMissingReason() === null)(
  'a GPU that is lost while the detector starts: detection on the CPU, and an end at once, as it stands (skipped: the CUDA provider is here)',
  async () => {
    const model = join(folder, 'fixture.onnx');
    writeFileSync(
      model,
      buildFixtureModel({ width: 320, height: 192, classes: [{ name: 'car', width: 32, height: 20 }] }),
    );
    const env = { ...process.env, NODE_OPTIONS: `--import=${here('register.mjs')}` };
    const { stdout } = await promisify(execFile)(process.execPath, [here('start-and-close.mjs'), model], { env });
    const [line, ...more] = stdout.trim().split('\n');
    const { executionProvider, executionProviderReason, closeMs } = JSON.parse(line!) as Record<string, unknown>;
    expect(executionProvider).toBe('cpu');
    expect(executionProviderReason).toMatch(/^a CUDA session did not start/);
    expect(closeMs).toBeLessThan(3000);
    // Cleaning up would free what was begun on the GPU, and ONNX Runtime ends the process for that.
    expect(more).toEqual([]);
  },
  30_000,
);
