import { describe, expect, it } from 'vitest';
import { KeyframeGate, type GateUnit } from './keyframe-gate.js';

const unit = (fields: Partial<GateUnit> = {}): GateUnit => ({
  isKeyframe: false,
  isRecoveryPoint: false,
  damaged: false,
  lostBefore: 0,
  sourceReset: false,
  hasParameterSets: false,
  receivedAtMs: 0,
  ...fields,
});
const keyframe = unit({ isKeyframe: true, hasParameterSets: true });

describe('KeyframeGate', () => {
  it('opens at the first keyframe or recovery point', () => {
    const gate = new KeyframeGate();
    expect([unit(), keyframe, unit()].map((one) => gate.admit(one))).toEqual([false, true, true]);
    const other = new KeyframeGate();
    expect([unit(), unit({ isRecoveryPoint: true }), unit()].map((one) => other.admit(one))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each([
    ['a damaged unit', unit({ damaged: true }), false],
    ['a gap before a whole unit', unit({ lostBefore: 1 }), false],
    ['a source reset', unit({ sourceReset: true }), false],
    ['a damaged keyframe', unit({ isKeyframe: true, damaged: true }), false],
    ['a gap before a whole keyframe', unit({ isKeyframe: true, lostBefore: 3 }), true],
  ])('after %s', (_name, broken, admitted) => {
    const gate = new KeyframeGate();
    gate.admit(keyframe);
    expect(gate.admit(broken)).toBe(admitted);
    // The following unit shares the fate until the next keyframe.
    expect(gate.admit(unit())).toBe(admitted);
    expect(gate.admit(keyframe)).toBe(true);
    expect(gate.admit(unit())).toBe(true);
  });

  it('goes on through damage when told to, but not before the first keyframe or over a source reset', () => {
    const gate = new KeyframeGate({ decodeDamaged: true });
    const damaged = unit({ damaged: true, lostBefore: 2 });
    expect([damaged, keyframe, damaged, unit()].map((one) => gate.admit(one))).toEqual([false, true, true, true]);
    expect(gate.admit(unit({ sourceReset: true }))).toBe(false);
  });

  it('does not wait for ever for a keyframe that never comes', () => {
    const gate = new KeyframeGate({ maxWaitMs: 1000 });
    const at = (receivedAtMs: number, hasParameterSets: boolean): boolean =>
      gate.admit(unit({ receivedAtMs, hasParameterSets }));
    expect([at(0, true), at(999, true), at(1000, false), at(1040, true), at(1080, false)]).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    // The wait begins anew with the next loss, and more loss does not prolong it.
    expect(gate.admit(unit({ receivedAtMs: 2000, damaged: true }))).toBe(false);
    expect(gate.admit(unit({ receivedAtMs: 2900, damaged: true }))).toBe(false);
    expect(at(3000, true)).toBe(true);
  });

  it('closes when the decoder asks for it', () => {
    const gate = new KeyframeGate();
    gate.admit(keyframe);
    gate.close();
    gate.close();
    expect(gate.isOpen).toBe(false);
    expect([unit(), keyframe].map((one) => gate.admit(one))).toEqual([false, true]);
  });
});
