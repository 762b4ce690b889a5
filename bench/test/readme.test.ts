import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { readResults } from '../dist/readme/results.js';
import { measuredSection, replaceSection } from '../dist/readme/section.js';

it('the README quotes what the benches wrote (npm run bench:readme mends it)', async () => {
  const path = fileURLToPath(new URL('../../README.md', import.meta.url));
  const readme = readFileSync(path, 'utf8');
  const section = measuredSection(readResults(fileURLToPath(new URL('../results', import.meta.url))));
  const expected = await format(replaceSection(readme, section), {
    ...(await resolveConfig(path)),
    parser: 'markdown',
  });
  expect(readme).toBe(expected);
});

it('the figures of a GPU appear once they were measured, with what filled first', () => {
  const results = readResults(fileURLToPath(new URL('../results', import.meta.url)));
  expect(measuredSection({ ...results, gpu: [] })).not.toContain('NVDEC');
  const run = {
    ...results.throughput.runs[0]!,
    decode: { backend: 'nvdec' },
    resources: {
      busyCores: 4,
      cores: 16,
      publisherCores: 1,
      publisherProcesses: 1,
      mainThreadShare: 0.1,
      gpu: {
        samples: 10,
        gpuPercent: { mean: 20, max: 40 },
        nvdecPercent: { mean: 99, max: 100 },
        memoryMiB: 5000,
        powerW: 200,
      },
    },
  };
  const machine = { ...results.throughput.machine, gpu: 'Some GPU' };
  const section = measuredSection({ ...results, gpu: [{ machine, runs: [run] }] });
  expect(section).toContain('decoded by NVDEC, on one GPU (Some GPU;');
  expect(section).toMatch(/\| lanecast-s 576x320 fp32 \| 8 \|.*NVDEC 99 % \|/);
});
