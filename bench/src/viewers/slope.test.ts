import { expect, test } from 'vitest';
import { fitSlope } from './slope.js';

test('finds the slope of a line, exactly where there is no noise', () => {
  const line = fitSlope([1, 2, 3, 4].map((x) => ({ x, y: 5 + 2 * x })));
  expect(line.perX).toBeCloseTo(2);
  expect(line.upper95).toBeCloseTo(2);
});

test('the upper end holds the noise: known values', () => {
  // By hand: mean x 2.5, y 2.5; slope 0.6; residuals -0.6, 0.8, 0.2, -0.4; s^2 = 1.2 / 2; SE = sqrt(0.6 / 5).
  const { perX, upper95 } = fitSlope([
    { x: 1, y: 1 },
    { x: 2, y: 3 },
    { x: 3, y: 3 },
    { x: 4, y: 3 },
  ]);
  expect(perX).toBeCloseTo(0.6);
  expect(upper95).toBeCloseTo(0.6 + 1.96 * Math.sqrt(1.2 / 2 / 5), 5);
});

test('two points are no line with an error', () => {
  expect(() => fitSlope([{ x: 0, y: 0 }])).toThrow(RangeError);
  expect(() => fitSlope([1, 2, 3].map((y) => ({ x: 1, y })))).toThrow(RangeError);
});
