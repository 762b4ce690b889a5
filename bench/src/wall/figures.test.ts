import { expect, test } from 'vitest';
import { wallFigures } from './figures.js';

const window = { seconds: 10, tiles: 4, due: 1000, drawn: 800, mainThreadS: 2, cpuS: 15 };

test('rates are per tile, costs per frame drawn and per second', () => {
  expect(wallFigures('canvas', window)).toEqual({
    ...{ tiles: 4, renderer: 'canvas', fps: 20, droppedPct: 20 },
    ...{ mainThreadMsPerFrame: 2.5, mainThreadPct: 20, browserCpuMsPerS: 1500 },
  });
});

test('more drawn than due is no negative drop, and nothing drawn is no division by zero', () => {
  expect(wallFigures('webgpu', { ...window, drawn: 1010 }).droppedPct).toBe(0);
  expect(wallFigures('webgpu', { ...window, drawn: 0 })).toMatchObject({ fps: 0, droppedPct: 100 });
});
