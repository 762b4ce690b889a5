import { describe, expect, it } from 'vitest';
import { type Outcome, runsOf, tableOf } from './runs.js';

const models = [
  { width: 320, height: 192, precision: 'fp16' },
  { width: 320, height: 192, precision: 'fp32' },
  { width: 576, height: 320, precision: 'fp32' },
] as const;

describe('runsOf', () => {
  it('begins with WebAssembly, in fp32 only, with each number of threads; the largest model first', () => {
    const told = runsOf(models, [1, 4], ['wasm', 'webgpu']).map((run) =>
      [run.backend, run.width, run.precision, run.threads ?? '-'].join(' '),
    );
    expect(told).toEqual([
      'wasm 576 fp32 1',
      'wasm 576 fp32 4',
      'wasm 320 fp32 1',
      'wasm 320 fp32 4',
      'webgpu 576 fp32 -',
      'webgpu 320 fp16 -',
      'webgpu 320 fp32 -',
    ]);
  });

  it('leaves out what is not asked for', () => {
    expect(runsOf(models, [1], ['webgpu']).every(({ backend }) => backend === 'webgpu')).toBe(true);
  });
});

describe('tableOf', () => {
  it('tells figures, agreement and failures', () => {
    const run = { ...models[1], backend: 'webgpu', threads: null } as const;
    const agreement = { compared: 80, boxPx: 0.074, score: 0.006, unmatched: 0 };
    const outcomes: Outcome[] = [
      { ...run, failure: null, adapter: 'a GPU', perSecond: 123.4, firstMs: 900, agreement },
      { ...run, failure: 'gpu-missing: there is none' },
    ];
    const [, , first, second] = tableOf(outcomes).split('\n');
    expect(first!.trim().split(/\s+/)).toEqual([
      '320x192',
      'webgpu',
      'fp32',
      '123.4',
      '900',
      '80',
      '0.074',
      '0.0060',
      '0',
    ]);
    expect(second).toContain('failed');
  });
});
