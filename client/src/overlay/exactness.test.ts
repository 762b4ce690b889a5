import { expect, it } from 'vitest';
import { ExactnessMeter } from './exactness.js';

it('counts all and shares of the last frames', () => {
  const meter = new ExactnessMeter(4);
  for (let i = 0; i < 10; i++) meter.add({ kind: 'none', byTimestamp: true });
  meter.add({ kind: 'exact', byTimestamp: true });
  meter.add({ kind: 'exact', byTimestamp: true });
  meter.add({ kind: 'interpolated', byTimestamp: true }, 2);
  meter.add({ kind: 'predicted', byTimestamp: false });
  expect(meter.counts).toEqual({ exact: 2, interpolated: 1, predicted: 1, none: 10, estimated: 1, missed: 2 });
  expect(meter.shares()).toEqual({ exact: 0.5, interpolated: 0.25, predicted: 0.25, none: 0 });
});

it('has nothing to say before the first frame', () => {
  expect(new ExactnessMeter().shares()).toEqual({ exact: 0, interpolated: 0, predicted: 0, none: 0 });
});
