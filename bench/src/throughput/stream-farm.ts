import { AnsweringChild } from '../child-process.js';
import type { FarmMessage, FarmOrder } from './stream-farm-process.js';

/** A process publishes and serves so many streams: one thread of Node must not become what is measured. */
const STREAMS_PER_PROCESS = 16;

/** Processor time of the publishing processes so far. */
export interface FarmUsage {
  processes: number;
  cpuSeconds: number;
}

type Child = AnsweringChild<FarmOrder, FarmMessage>;

/** Live streams from embedded RTSP servers in processes of their own, on loopback. */
export class StreamFarm {
  readonly urls: readonly string[];
  readonly #children: readonly Child[];

  /** Resolves when every stream can be read. */
  static async start(count: number, clips: readonly string[]): Promise<StreamFarm> {
    const children: Child[] = [];
    const module = new URL('./stream-farm-process.js', import.meta.url);
    try {
      const urls: string[] = [];
      for (let first = 0; first < count; first += STREAMS_PER_PROCESS) {
        const child: Child = new AnsweringChild(module);
        children.push(child);
        const share = Math.min(STREAMS_PER_PROCESS, count - first);
        // Every process begins with another clip, so that each clip is shown equally often.
        const turned = clips.map((_, i) => clips[(first + i) % clips.length]!);
        const ready = await child.ask({ kind: 'start', count: share, clips: turned });
        if (ready.kind === 'failed') throw new Error(ready.message);
        if (ready.kind === 'ready') urls.push(...ready.urls);
      }
      return new StreamFarm(urls, children);
    } catch (error) {
      await Promise.all(children.map((child) => child.close()));
      throw error;
    }
  }

  private constructor(urls: readonly string[], children: readonly Child[]) {
    this.urls = urls;
    this.#children = children;
  }

  async usage(): Promise<FarmUsage> {
    const answers = await Promise.all(this.#children.map((child) => child.ask({ kind: 'usage' })));
    const cpuSeconds = answers.reduce((sum, answer) => sum + (answer.kind === 'usage' ? answer.cpuSeconds : 0), 0);
    return { processes: this.#children.length, cpuSeconds };
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.close()));
  }
}
