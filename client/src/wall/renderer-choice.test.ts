import { expect, test } from 'vitest';
import { AUTO_GPU_FROM_TILES, isRendererWish, wantsGpu } from './renderer-choice.js';

test('a wish is kept whatever the number of tiles', () => {
  for (const tiles of [0, 1, AUTO_GPU_FROM_TILES, 100]) {
    expect(wantsGpu('canvas', tiles)).toBe(false);
    expect(wantsGpu('webgpu', tiles)).toBe(true);
  }
});

test('auto takes the GPU for large walls only', () => {
  expect(wantsGpu('auto', AUTO_GPU_FROM_TILES - 1)).toBe(false);
  expect(wantsGpu('auto', AUTO_GPU_FROM_TILES)).toBe(true);
});

test('only the three words are wishes', () => {
  expect(['auto', 'canvas', 'webgpu'].every(isRendererWish)).toBe(true);
  expect(['', 'WebGPU', null, undefined, 1].some(isRendererWish)).toBe(false);
});
