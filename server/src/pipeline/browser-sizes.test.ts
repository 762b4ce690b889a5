import { describe, expect, it } from 'vitest';
import { browserSizes } from './browser-sizes.js';

describe('browserSizes', () => {
  it.each([
    [{ width: 576, height: 320 }, ['576x320', '416x256', '320x192']],
    [{ width: 640, height: 384 }, ['640x384', '416x256', '320x192']],
    [{ width: 640, height: 640 }, ['640x640', '416x416', '320x320']],
    [{ width: 320, height: 192 }, ['320x192']],
    [{ width: 64, height: 32 }, ['64x32']],
  ])('offers the own size first, then smaller ones of its shape: %o', (own, expected) => {
    expect(browserSizes(own).map(({ width, height }) => `${width}x${height}`)).toEqual(expected);
  });
});
