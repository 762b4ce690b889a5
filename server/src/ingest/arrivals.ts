import type { ArrivedFrame } from './messages.js';

/** Frames that are told at once when somebody begins to ask: about two seconds. */
const REMEMBERED = 50;

/** Which frames arrived lately, for those who must know them before, or without, their being decoded. */
export class Arrivals {
  readonly #report: (frames: ArrivedFrame[]) => void;
  readonly #recent: ArrivedFrame[] = [];
  #reporting = false;

  constructor(report: (frames: ArrivedFrame[]) => void) {
    this.#report = report;
  }

  get reporting(): boolean {
    return this.#reporting;
  }

  set reporting(reporting: boolean) {
    if (reporting && !this.#reporting && this.#recent.length > 0) this.#report([...this.#recent]);
    this.#reporting = reporting;
  }

  add(frame: ArrivedFrame): void {
    this.#recent.push(frame);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    if (this.#reporting) this.#report([frame]);
  }
}
