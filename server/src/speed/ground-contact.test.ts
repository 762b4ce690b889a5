import { expect, it } from 'vitest';
import { groundContact, showsGroundContact } from './ground-contact.js';

const PICTURE = { width: 640, height: 360 };

it('takes the middle of the lower edge as the ground contact point', () => {
  expect(groundContact({ x1: 10, x2: 30, y2: 50 })).toEqual([20, 50]);
});

it.each([
  ['inside', { x1: 100, x2: 200, y2: 300 }, true],
  ['just inside', { x1: 6.5, x2: 633.5, y2: 356.3 }, true],
  ['cut by the left edge', { x1: 0, x2: 60, y2: 300 }, false],
  ['a little off the left edge, as detectors are', { x1: 5, x2: 60, y2: 300 }, false],
  ['reaching over the right edge', { x1: 600, x2: 655, y2: 300 }, false],
  ['cut by the lower edge', { x1: 100, x2: 200, y2: 359 }, false],
])('%s', (_, box, shows) => {
  expect(showsGroundContact(box, PICTURE)).toBe(shows);
});
