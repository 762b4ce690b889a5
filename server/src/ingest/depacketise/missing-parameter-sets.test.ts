import { expect, it } from 'vitest';
import { missingParameterSets } from './missing-parameter-sets.js';

const START = [0, 0, 0, 1];
const SPS = [0x67, 1, 2, 3];
const PPS = [0x68, 4];
const IDR = [0x65, 9, 9, 0, 0, 1, 0x67];
const data = Uint8Array.from([...START, ...SPS, ...START, ...PPS, ...START, ...IDR]);

it.each([
  ['both are missing', [5], [SPS, PPS]],
  ['one is missing', [7, 5], [PPS]],
  ['none is missing', [7, 8, 5], []],
])('names what a keyframe lacks: %s', (_, nalTypes, expected) => {
  expect(missingParameterSets({ isKeyframe: true, nalTypes, data }).map((set) => [...set])).toEqual(expected);
});

it('has nothing to say of other units, nor of bytes without start codes', () => {
  expect(missingParameterSets({ isKeyframe: false, nalTypes: [1], data })).toEqual([]);
  expect(missingParameterSets({ isKeyframe: true, nalTypes: [5], data: Uint8Array.from(IDR) })).toEqual([]);
});
