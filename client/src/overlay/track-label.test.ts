import { expect, it } from 'vitest';
import { trackLabel } from './track-label.js';

it.each([
  [87.4, 0.4, '87', ''],
  [87.6, 2.3, '88', '±2'],
  [0.2, 0.3, '0', ''],
  [-0.4, 1.2, '0', '±1'],
  [12, 6, '12', '±6'],
  [12, 7, '', ''],
  [92, 19, '', ''],
  [200, 9, '200', '±9'],
  [null, null, '', ''],
  [60, null, '60', ''],
  [Number.NaN, 1, '', ''],
])('%s km/h with sigma %s is written "%s" "%s"', (speedKmh, speedSigmaKmh, speed, uncertainty) => {
  expect(trackLabel({ id: 12, className: 'car', speedKmh, speedSigmaKmh })).toEqual({
    speed,
    uncertainty,
    unit: speed ? 'km/h' : '',
    name: '#12 car',
  });
});
