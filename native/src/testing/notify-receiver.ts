/** The service manager's end of sd_notify(3), as a small C++ program: Node has no Unix datagram sockets. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD = join(ROOT, 'build', 'tests');

const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;
const missing = process.platform === 'linux' ? ['cmake', 'c++'].filter((command) => !has(command)) : ['Linux'];

/** Why there can be no receiver here; empty: there can. */
export const receiverUnavailable =
  missing.length > 0 ? `${missing.join(' and ')} missing: run scripts/setup-system` : '';

/** One datagram. */
export interface Notification {
  /** Of the process that sent it, as the kernel says. */
  pid: number;
  /** Its lines, `NAME=value`. */
  lines: string[];
}

/** Compiles the receiver if that was not done yet. */
export function buildReceiver(): void {
  for (const args of [
    ['-S', ROOT, '-B', BUILD, '-DLANECAST_TESTS=ON'],
    ['--build', BUILD, '--target', 'notify_receiver'],
  ]) {
    const { status, stdout, stderr } = spawnSync('cmake', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`cmake ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
}

export class NotifyReceiver {
  readonly received: Notification[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** Listens on a path, or after `@` on an abstract name. */
  static async listen(address: string): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver(address);
    await new Promise<void>((resolve, reject) => {
      receiver.#child.once('exit', (code) => reject(new Error(`the receiver on ${address} ended with ${code}`)));
      receiver.#child.stdout!.once('data', () => resolve());
    });
    return receiver;
  }

  private constructor(address: string) {
    this.#child = spawn(join(BUILD, 'notify_receiver'), [address], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = once(this.#child, 'exit');
    createInterface(this.#child.stdout!).on('line', (line) => {
      const match = /^(\d+) (.*)$/.exec(line);
      if (match) this.received.push({ pid: Number(match[1]), lines: match[2]!.split('|').filter((l) => l !== '') });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** All lines that came, in order. */
  get lines(): string[] {
    return this.received.flatMap(({ lines }) => lines);
  }

  /** Waits for a line that begins with `start`; fails after `timeoutMs`. */
  async until(start: string, timeoutMs = 10_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(start));
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`no ${start} in ${timeoutMs} ms, but: ${JSON.stringify(this.lines)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    this.#child.stdin!.end();
    await this.#ended;
  }
}
