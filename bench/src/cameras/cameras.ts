import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FaultOrder } from './fault-orders.js';
import type { CameraAnswer, CameraClip, CameraOrder, SentPackets } from './messages.js';

const CLOSE_TIMEOUT_MS = 10_000;

/** A network namespace of its own, and the address there at which the cameras are found. */
export interface CameraPlace {
  namespace: string;
  address: string;
}

/** Cameras in a process of their own, on loopback or in another network: they send on while whoever watches them is busy. */
export class Cameras {
  readonly #child: ChildProcess;
  readonly #answers: ((answer: CameraAnswer | Error) => void)[] = [];
  #base = '';

  /** Resolves when each can be read. Rejects with what went wrong. */
  static async start(cameras: readonly CameraClip[], place: CameraPlace | null = null): Promise<Cameras> {
    const module = fileURLToPath(new URL('./camera-process.js', import.meta.url));
    const child = place
      ? spawn('ip', ['netns', 'exec', place.namespace, process.execPath, module, place.address], {
          stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
        })
      : fork(module);
    const started = new Cameras(child);
    try {
      await started.#ask({ kind: 'publish', cameras });
      return started;
    } catch (error) {
      await started.close();
      throw error;
    }
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: CameraAnswer) => this.#answers.shift()?.(answer));
    child.on('exit', () => {
      for (const settle of this.#answers.splice(0)) settle(new Error('the process that plays the cameras ended'));
    });
  }

  /** Their addresses are `<base>/<path>`. */
  get base(): string {
    return this.#base;
  }

  /** Comes, or comes back, perhaps with another clip. */
  async publish(path: string, clip: string): Promise<void> {
    await this.#ask({ kind: 'publish', cameras: [{ path, clip }] });
  }

  async unpublish(path: string): Promise<void> {
    await this.#ask({ kind: 'unpublish', path });
  }

  async fault(path: string, fault: FaultOrder): Promise<void> {
    await this.#ask({ kind: 'fault', path, fault });
  }

  /** Ends every fault of the path. */
  async clear(path: string): Promise<void> {
    await this.#ask({ kind: 'clear', path });
  }

  async sent(): Promise<SentPackets[]> {
    const answer = await this.#ask({ kind: 'sent' });
    return answer.kind === 'sent' ? answer.paths : [];
  }

  /** May be called twice. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }

  async #ask(order: CameraOrder): Promise<CameraAnswer> {
    const answer = await new Promise<CameraAnswer | Error>((resolve) => {
      this.#answers.push(resolve);
      if (this.#child.connected) this.#child.send(order);
      else resolve(new Error('the process that plays the cameras ended'));
    });
    if (answer instanceof Error) throw answer;
    if (answer.kind === 'failed') throw new Error(answer.message);
    if (answer.kind === 'done') this.#base = answer.base;
    return answer;
  }
}
