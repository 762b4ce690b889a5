import { expect, it } from 'vitest';
import { simulateScene } from './scene.js';

it('is the same for the same seed', () => {
  expect(simulateScene(10, 20, 1)).toEqual(simulateScene(10, 20, 1));
  expect(simulateScene(10, 20, 1)).not.toEqual(simulateScene(10, 20, 2));
});

it('has about as many boxes as objects, with misses and weak ones, all of them boxes', () => {
  const frames = simulateScene(100, 200, 3);
  const boxes = frames.flat();
  const mean = boxes.length / frames.length;
  expect(mean).toBeGreaterThan(90);
  expect(mean).toBeLessThan(105);
  const weak = boxes.filter(({ score }) => score < 0.5).length / boxes.length;
  expect(weak).toBeGreaterThan(0.12);
  expect(weak).toBeLessThan(0.3);
  for (const { x1, y1, x2, y2 } of boxes) expect(x2 > x1 && y2 > y1).toBe(true);
});
