/** Writes the fields of an H.264 NAL unit (7.3.1). */
class NalWriter {
  #bits = '';

  u(value: number, width: number): this {
    this.#bits += value.toString(2).padStart(width, '0');
    return this;
  }

  /** Exp-Golomb, 9.1. */
  ue(...values: number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2);
      this.#bits += '0'.repeat(code.length - 1) + code;
    }
    return this;
  }

  nal(header: number): Buffer {
    const bits = `${this.#bits}1`;
    const bytes = (bits.padEnd(8 * Math.ceil(bits.length / 8), '0').match(/.{8}/g) ?? []).map((byte) =>
      parseInt(byte, 2),
    );
    const escaped: number[] = [header];
    for (const byte of bytes) {
      if (byte <= 3 && escaped.length > 2 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3);
      escaped.push(byte);
    }
    return Buffer.from(escaped);
  }
}

/**
 * An H.264 keyframe of `sideMbs` x `sideMbs` macroblocks of which only a hundred bytes of noise ever come: parameter sets
 * and one slice, baseline profile.
 */
export function brokenKeyframe(sideMbs: number): Buffer[] {
  const size = sideMbs - 1;
  const sps = new NalWriter().u(66, 8).u(0, 8).u(62, 8).ue(0, 0, 2, 1).u(0, 1).ue(size, size).u(0b1100, 4).nal(0x67);
  const pps = new NalWriter().ue(0, 0).u(0, 2).ue(0, 0, 0).u(0, 3).ue(0, 0, 0).u(0, 3).nal(0x68);
  const slice = new NalWriter().ue(0, 7, 0).u(0, 4).ue(0).u(0, 2).ue(0);
  for (let i = 0; i < 100; i++) slice.u(0b10110100 ^ i, 8);
  return [sps, pps, slice.nal(0x65)];
}
