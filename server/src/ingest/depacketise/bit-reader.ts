/** Thrown when a bit stream ends early or breaks a bound; the readers of parameter sets turn it into null. */
export class BitstreamError extends Error {
  override readonly name = 'BitstreamError';
}

/** Reads bits, most significant first, with the Exp-Golomb codes of H.264 (9.1) and H.265 (9.2). */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  /** @param rbsp without emulation prevention bytes, see unescapeRbsp() */
  constructor(rbsp: Uint8Array) {
    this.#bytes = rbsp;
  }

  /** One bit as 0 or 1. */
  bit(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw new BitstreamError('the bit stream ends early');
    const value = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position++;
    return value;
  }

  /** @param count 0..32 */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.#position += count;
    if (this.#position > this.#bytes.length * 8) throw new BitstreamError('the bit stream ends early');
  }

  /** ue(v), at most 2^32 - 2. */
  unsigned(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros++;
      if (zeros > 31) throw new BitstreamError('an Exp-Golomb code is too long');
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** ue(v) that must not exceed a bound. */
  unsignedUpTo(max: number): number {
    const value = this.unsigned();
    if (value > max) throw new BitstreamError('a value is out of range');
    return value;
  }

  /** se(v) */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}

/**
 * Removes emulation prevention bytes (00 00 03 becomes 00 00; H.264 7.4.1, H.265 7.4.2).
 * @param maxBytes how much of the input is looked at
 */
export function unescapeRbsp(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const length = Math.min(bytes.length, maxBytes);
  const result = new Uint8Array(length);
  let size = 0;
  let zeros = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    result[size++] = byte;
  }
  return result.subarray(0, size);
}
