/** Watches all streams of a server while something happens to one of them. */
import type { StreamInfo } from '@lanecast/server/core/types';
import { askJson } from '../memory/sampler.js';
import { StreamRecord, type StreamProof } from './proof.js';

const EVERY_MS = 100;

export class Observer {
  readonly #url: string;
  readonly #records = new Map<string, StreamRecord>();
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  /** Begins to watch. */
  constructor(url: string) {
    this.#url = url;
    this.#loop = this.#watch();
  }

  /** Ends it; what was seen of each stream. */
  async stop(): Promise<Map<string, StreamProof>> {
    this.#stopped = true;
    await this.#loop;
    await this.#look();
    return new Map([...this.#records].map(([id, record]) => [id, record.proof()]));
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      await this.#look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  async #look(): Promise<void> {
    const streams = await askJson<StreamInfo[]>(`${this.#url}/api/streams`);
    const now = performance.now();
    for (const info of streams) {
      const record = this.#records.get(info.id) ?? new StreamRecord();
      this.#records.set(info.id, record);
      record.saw(info, now);
    }
  }
}
