import { describe, expect, it } from 'vitest';
import { RAMP_LEVELS, TONES, toneTable } from './tone-table.js';

const ramp = (change: (tone: number) => number): Float32Array =>
  Float32Array.from({ length: RAMP_LEVELS }, (_, level) => change(level / (RAMP_LEVELS - 1)));

/** BT.709 (ITU-R BT.709-6, 1.2, inverted) to sRGB (IEC 61966-2-1). */
function srgbOf709(value: number): number {
  const light = value < 0.081 ? value / 4.5 : ((value + 0.099) / 1.099) ** (1 / 0.45);
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}

describe('toneTable', () => {
  it('is nothing where nothing was changed', () => {
    expect(toneTable(ramp((tone) => tone))).toBeNull();
    expect(toneTable(ramp((tone) => tone + 0.001))).toBeNull();
  });

  it('undoes the conversion of BT.709 to sRGB', () => {
    const table = toneTable(ramp(srgbOf709))!;
    expect(table).toHaveLength(TONES);
    for (const tone of [0.1, 0.25, 0.5, 0.75, 0.95]) {
      const at = srgbOf709(tone) * (TONES - 1);
      const [low, share] = [Math.floor(at), at % 1];
      const undone = table[low]! * (1 - share) + table[Math.min(low + 1, TONES - 1)]! * share;
      expect(Math.abs(undone - tone)).toBeLessThan(0.002);
    }
  });

  it('stays in range and in order, whatever was measured', () => {
    const table = toneTable(ramp((tone) => 0.2 + 0.5 * tone))!;
    expect(table[0]).toBe(0);
    expect(table[TONES - 1]).toBe(1);
    for (let i = 1; i < TONES; i++) expect(table[i]!).toBeGreaterThanOrEqual(table[i - 1]!);
  });
});
