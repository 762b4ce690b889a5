import type { ModelEntry } from '@lanecast/server/core/model-entry';
import { describe, expect, it } from 'vitest';
import { fittingModel, modelsOf } from './choose-model.js';
import { lendBackend, lendPreference, rememberLending } from './lend-preference.js';

describe('the wish to lend', () => {
  it('is off until somebody asks for it, in the address or before', () => {
    expect(lendPreference('', null)).toBe(false);
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    expect(lendPreference('?measure', storage)).toBe(false);
    rememberLending(true, storage);
    expect(lendPreference('', storage)).toBe(true);
    expect(lendPreference('?lend=0', storage)).toBe(false);
    rememberLending(false, storage);
    expect(lendPreference('?lend=1', storage)).toBe(true);
    expect(lendPreference('', storage)).toBe(false);
  });

  it('bears storage that is forbidden', () => {
    const forbidden = {
      getItem: () => {
        throw new Error('forbidden');
      },
      setItem: () => {
        throw new Error('forbidden');
      },
    };
    expect(lendPreference('', forbidden)).toBe(false);
    expect(() => rememberLending(true, forbidden)).not.toThrow();
  });

  it('may name the backend', () => {
    expect(lendBackend('?lend-backend=wasm')).toBe('wasm');
    expect(lendBackend('?lend-backend=quantum')).toBe('auto');
  });
});

describe('the model of a page', () => {
  const model = (width: number, precision: ModelEntry['precision'], isDefault = false): ModelEntry => ({
    name: 'lanecast-s',
    url: `/models/${width}${precision}.onnx`,
    sha256: `${width}${precision}`,
    bytes: 1,
    width,
    height: width / 2,
    precision,
    head: 'rgb',
    classes: ['car'],
    confidentScore: null,
    isDefault,
  });
  const all = [
    model(320, 'fp32'),
    model(640, 'fp32'),
    model(576, 'fp32', true),
    model(416, 'fp32'),
    model(576, 'fp16'),
  ];

  it('begins with the size of the server', () => {
    const { sizes, first } = modelsOf(all, 'fp32');
    expect(sizes.map(({ width }) => width)).toEqual([640, 576, 416, 320]);
    expect(first?.width).toBe(576);
    expect(modelsOf(all, 'fp16').first?.width).toBe(576);
    expect(modelsOf([], 'fp32').first).toBeNull();
  });

  it('shrinks to what the machine can do, and never grows', () => {
    const { sizes, first } = modelsOf(all, 'fp32');
    expect(fittingModel(sizes, first!, 500, 8).width).toBe(576);
    expect(fittingModel(sizes, first!, 60, 8).width).toBe(416);
    expect(fittingModel(sizes, first!, 5, 8).width).toBe(320);
    expect(fittingModel(sizes, first!, 20, 1).width).toBe(576);
  });
});
