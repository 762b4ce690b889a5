import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const END_TIMEOUT_MS = 5000;

/** A process of this bench: one answer to each order. */
export class Child<Order extends object, Answer> {
  readonly #process: ChildProcess;
  readonly #gone: Promise<never>;

  /** @param file beside this one */
  constructor(file: string, execArgv: readonly string[] = []) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), {
      execArgv: ['--enable-source-maps', ...execArgv],
    });
    this.#gone = new Promise((_, reject) => {
      this.#process.once('exit', (code, signal) =>
        reject(new Error(`a process of the bench ended (${String(signal ?? code)})`)),
      );
    });
    // It may end while nothing is asked of it.
    this.#gone.catch(() => undefined);
  }

  /** Rejects when the process ends instead. */
  async ask(order: Order): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => {
      this.#process.once('message', (message) => resolve(message as Answer));
    });
    this.#process.send(order);
    return Promise.race([answer, this.#gone]);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}
