import { expect, test } from 'vitest';
import { isRendererWish, wantsGpu } from './renderer-choice.js';

test('the GPU is taken by who asks for it', () => {
  expect((['auto', 'canvas', 'webgpu'] as const).map(wantsGpu)).toEqual([false, false, true]);
});

test('only the three words are wishes', () => {
  expect(['auto', 'canvas', 'webgpu'].every(isRendererWish)).toBe(true);
  expect(['', 'WebGPU', null, undefined, 1].some(isRendererWish)).toBe(false);
});
