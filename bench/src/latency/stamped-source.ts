import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SourceMessage, SourceOrder, Stamps } from './stamped-source-process.js';

/** Cameras in a process of their own that know when each frame left them. */
export class StampedSource {
  readonly urls: readonly string[];
  readonly publisher: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, urls: readonly string[], publisher: string) {
    this.#child = child;
    this.urls = urls;
    this.publisher = publisher;
  }

  /** One stream a clip, `frameCounts` their lengths; resolves when each can be read. */
  static async start(clips: readonly string[], frameCounts: readonly number[]): Promise<StampedSource> {
    const child = fork(fileURLToPath(new URL('./stamped-source-process.js', import.meta.url)));
    const ready = await ask(child, { kind: 'start', clips, frameCounts });
    if (ready.kind === 'ready') return new StampedSource(child, ready.urls, ready.publisher);
    await end(child);
    throw new Error(ready.kind === 'failed' ? ready.message : 'the source answered out of turn');
  }

  async stamps(): Promise<Stamps[]> {
    const answer = await ask(this.#child, { kind: 'stamps' });
    if (answer.kind !== 'stamps') throw new Error('the source answered out of turn');
    return answer.streams;
  }

  close(): Promise<void> {
    return end(this.#child);
  }
}

async function ask(child: ChildProcess, order: SourceOrder): Promise<SourceMessage> {
  const answer = once(child, 'message') as Promise<[SourceMessage]>;
  const gone = once(child, 'exit').then((): never => {
    throw new Error('the process that publishes the streams ended');
  });
  child.send(order);
  return (await Promise.race([answer, gone]))[0];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(timer);
}
