import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FarmMessage, FarmOrder } from './stream-farm-process.js';

/** A process publishes and serves so many streams: one thread of Node must not become what is measured. */
const STREAMS_PER_PROCESS = 16;

/** Processor time of the publishing processes so far. */
export interface FarmUsage {
  processes: number;
  cpuSeconds: number;
}

/** Live streams from embedded RTSP servers in processes of their own, on loopback. */
export class StreamFarm {
  readonly urls: readonly string[];
  readonly #children: readonly ChildProcess[];

  /** Resolves when every stream can be read. */
  static async start(count: number, clips: readonly string[]): Promise<StreamFarm> {
    const children: ChildProcess[] = [];
    try {
      const urls: string[] = [];
      for (let first = 0; first < count; first += STREAMS_PER_PROCESS) {
        const child = fork(fileURLToPath(new URL('./stream-farm-process.js', import.meta.url)));
        children.push(child);
        const share = Math.min(STREAMS_PER_PROCESS, count - first);
        // Every process begins with another clip, so that each clip is shown equally often.
        const turned = clips.map((_, i) => clips[(first + i) % clips.length]!);
        const ready = await ask(child, { kind: 'start', count: share, clips: turned });
        if (ready.kind === 'failed') throw new Error(ready.message);
        if (ready.kind === 'ready') urls.push(...ready.urls);
      }
      return new StreamFarm(urls, children);
    } catch (error) {
      await Promise.all(children.map(end));
      throw error;
    }
  }

  private constructor(urls: readonly string[], children: readonly ChildProcess[]) {
    this.urls = urls;
    this.#children = children;
  }

  async usage(): Promise<FarmUsage> {
    const answers = await Promise.all(this.#children.map((child) => ask(child, { kind: 'usage' })));
    const cpuSeconds = answers.reduce((sum, answer) => sum + (answer.kind === 'usage' ? answer.cpuSeconds : 0), 0);
    return { processes: this.#children.length, cpuSeconds };
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map(end));
  }
}

async function ask(child: ChildProcess, order: FarmOrder): Promise<FarmMessage> {
  const answer = once(child, 'message') as Promise<[FarmMessage]>;
  const gone = once(child, 'exit').then((): never => {
    throw new Error('a process that publishes streams ended');
  });
  child.send(order);
  return (await Promise.race([answer, gone]))[0];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // The process closes its streams when nobody listens to it any more.
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(timer);
}
