/** A process of a bench's own that answers each order with exactly one message, and ends when its parent lets go of it. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const END_TIMEOUT_MS = 10_000;

export class AnsweringChild<Order extends Serializable, Answer> {
  readonly #process: ChildProcess;
  readonly #gone: Promise<never>;

  /** `module`: the entry of the process; `execArgv`: further flags of Node. */
  constructor(module: URL, execArgv: readonly string[] = []) {
    this.#process = fork(fileURLToPath(module), { execArgv: ['--enable-source-maps', ...execArgv] });
    this.#gone = once(this.#process, 'exit').then(([code, signal]: (number | string | null)[]): never => {
      throw new Error(`a process of the bench ended (${signal ?? code})`);
    });
    // It may end while nothing is asked of it.
    this.#gone.catch(() => undefined);
  }

  /** One order at a time. Rejects when the process ends instead of answering. */
  async ask(order: Order): Promise<Answer> {
    const answer = once(this.#process, 'message') as Promise<[Answer]>;
    this.#process.send(order);
    return (await Promise.race([answer, this.#gone]))[0];
  }

  /** May be called twice. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    // The process closes what it has when nobody listens to it any more.
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}
