import { describe, expect, it } from 'vitest';
import { parseCalibration } from './calibration-routes.js';

const point = (x: number, y: number, xM: number, yM: number) => ({ image: [x, y], ground: [xM, yM] });
const POINTS = [point(100, 300, 0, 0), point(500, 300, 7.5, 0), point(380, 150, 7.5, 40), point(250, 150, 0, 40)];

describe('parseCalibration', () => {
  it.each([{ scaleMPerPx: 0.03 }, { points: POINTS }, { points: POINTS, imageSize: [640, 360] }])(
    'takes %j as it is',
    (body) => {
      expect(parseCalibration(body)).toEqual(body);
    },
  );

  it.each<[unknown, RegExp]>([
    [undefined, /expected Object/i],
    [null, /expected Object/i],
    ['0.05', /expected Object/i],
    [[], /scaleMPerPx/],
    [{}, /scaleMPerPx/],
    [{ scaleMPerPx: 0 }, /scaleMPerPx: .*>0/],
    [{ scaleMPerPx: '0.05' }, /scaleMPerPx: .*number/],
    [{ scaleMPerPx: 0.05, points: POINTS }, /scaleMPerPx/],
    [{ points: POINTS.slice(1) }, /points: must have at least 4/],
    [{ points: Array.from({ length: 40 }, (_, i) => point(i, i * i, i, i)) }, /points: must have at most 32/],
    [{ points: [...POINTS.slice(1), { image: [1], ground: [1, 1] }] }, /points\.3\.image/],
    [{ points: [...POINTS.slice(1), { image: [1, 2, 3], ground: [1, 1] }] }, /points\.3\.image/],
    [{ points: [...POINTS.slice(1), { image: [1e9, 1], ground: [1, 1] }] }, /points\.3\.image\.0/],
    [{ points: POINTS, imageSize: [0, 360] }, /imageSize\.0/],
    [{ points: POINTS, colour: 1 }, /colour/],
  ])('refuses %j with 400', (body, message) => {
    expect(() => parseCalibration(body)).toThrow(
      expect.objectContaining({
        status: 400,
        code: 'calibration-invalid',
        message: expect.stringMatching(message) as string,
      }),
    );
  });

  it('refuses points that determine no ground with 422', () => {
    const [a, b, c] = POINTS as [(typeof POINTS)[0], (typeof POINTS)[0], (typeof POINTS)[0]];
    expect(() => parseCalibration({ points: [a, b, c, point(300, 300, 3, 0)] })).toThrow(
      expect.objectContaining({
        status: 422,
        code: 'calibration-degenerate',
        message: expect.stringMatching(/^These points .*points 1, 2 and 4 lie on one line/) as string,
      }),
    );
  });
});
