import { describe, expect, it } from 'vitest';
import { LentGate } from './lent-gate.js';

describe('LentGate', () => {
  it('is closed until the viewer may lend', () => {
    const gate = new LentGate();
    expect(gate.admit(100, 0)).toBe('drop');
    gate.isOpen = true;
    expect(gate.admit(100, 0)).toBe('pass');
  });

  it('lets eight streams of 60 a second through for ever', () => {
    const gate = new LentGate();
    gate.isOpen = true;
    const verdicts = Array.from({ length: 480 * 20 }, (_, i) => gate.admit(4000, (i * 1000) / 480));
    expect(new Set(verdicts)).toEqual(new Set(['pass']));
  });

  it('stops a flood, says so once a second, and opens again after it', () => {
    const gate = new LentGate();
    gate.isOpen = true;
    const verdicts = Array.from({ length: 20_000 }, (_, i) => gate.admit(100, i / 10));
    expect(verdicts.filter((verdict) => verdict === 'flood')).toHaveLength(2);
    expect(verdicts.filter((verdict) => verdict === 'pass').length).toBeLessThan(1900);
    expect(gate.admit(100, 4000)).toBe('pass');
  });

  it('takes a message that is longer than any may be for a flood', () => {
    const gate = new LentGate();
    gate.isOpen = true;
    expect(gate.admit(1_000_000, 0)).toBe('flood');
  });
});
