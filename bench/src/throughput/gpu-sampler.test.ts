import { expect, it } from 'vitest';
import { GpuSampler, parseGpuRow, summariseGpu } from './gpu-sampler.js';

it('parseGpuRow reads a line of nvidia-smi, and no other', () => {
  expect(parseGpuRow('37, 81, 5120, 310.45')).toEqual([37, 81, 5120, 310.45]);
  expect(parseGpuRow('37, [N/A], 5120, 310.45')).toEqual([37, 0, 5120, 310.45]);
  expect(parseGpuRow('Unable to determine the device handle')).toBeNull();
});

it('summariseGpu gives means, peaks and the most memory', () => {
  const rows = [
    [10, 50, 4000, 100],
    [30, 70, 5000, 300],
  ];
  expect(summariseGpu(rows)).toEqual({
    samples: 2,
    gpuPercent: { mean: 20, max: 30 },
    nvdecPercent: { mean: 60, max: 70 },
    memoryMiB: 5000,
    powerW: 200,
  });
  expect(summariseGpu([])).toBeNull();
});

it('a sampler without its program has no samples', async () => {
  const sampler = new GpuSampler('nvidia-smi-that-is-not-there');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sampler.stop()).toBeNull();
});
