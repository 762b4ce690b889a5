/** A process of a bench's own that answers each order with exactly one message, and ends when its parent lets go of it. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';

const END_TIMEOUT_MS = 10_000;

export class AnsweringChild<Order extends Serializable, Answer> {
  readonly #child: ChildProcess;

  /** `modulePath`: the entry of the process. */
  constructor(modulePath: string) {
    this.#child = fork(modulePath);
  }

  /** One order at a time. Rejects when the process ends instead of answering. */
  async ask(order: Order): Promise<Answer> {
    const answer = once(this.#child, 'message') as Promise<[Answer]>;
    const gone = once(this.#child, 'exit').then((): never => {
      throw new Error('a process that publishes streams ended');
    });
    this.#child.send(order);
    return (await Promise.race([answer, gone]))[0];
  }

  /** May be called twice. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    // The process closes what it has when nobody listens to it any more.
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}
