/** Follows one stream's RTP sequence numbers (RFC 3550, A.1): what came, and what was left out. Pure. */
export class SequenceCount {
  packets = 0;
  /** Left out so far; one that comes late is not left out. */
  missing = 0;
  #newest: number | null = null;

  take(sequenceNumber: number): void {
    this.packets++;
    if (this.#newest === null) {
      this.#newest = sequenceNumber;
      return;
    }
    const step = (sequenceNumber - this.#newest) & 0xffff;
    if (step === 0) return;
    if (step < 0x8000) {
      this.missing += step - 1;
      this.#newest = sequenceNumber;
    } else if (this.missing > 0) this.missing--;
  }
}
