import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../end-with-us.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 8000;

/** The server as a person would run it, on a free port, with a state directory of its own. */
export class LanecastProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #output: () => string;

  private constructor(url: string, child: ChildProcess, directory: string, output: () => string) {
    this.url = url;
    this.#output = output;
    this.#child = child;
    this.#directory = directory;
  }

  /** Of the server itself: the shell has become it. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** All that it printed so far. */
  get output(): string {
    return this.#output();
  }

  /** It has ended, of itself or because it was told to. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @throws Error with what it printed, when it does not start. */
  static async start(flags: readonly string[]): Promise<LanecastProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'lanecast-bench-'));
    const args = ['scripts/launch', 'server/dist/main.js', '--port', '0', '--state-dir', directory, ...flags];
    const child = spawn('sh', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithUs(child);
    let output = '';
    const collect = (data: Buffer): void => void (output += data.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const match = /watch them at (http:\/\/[^/\s"]+)/.exec(output);
      const lanecast = new LanecastProcess(match?.[1] ?? '', child, directory, () => output);
      if (match) return lanecast;
      if (child.exitCode !== null || Date.now() > deadlineMs) {
        await lanecast.close();
        throw new Error(`the server did not start:\n${output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The largest hold of its streams now, in milliseconds; null where it tells none. */
  async holdMs(): Promise<number | null> {
    const stats = (await (await fetch(`${this.url}/api/stats`)).json()) as {
      outputs: { webrtc: { holdMs: Record<string, number> } };
    };
    const holds = Object.values(stats.outputs.webrtc.holdMs);
    return holds.length > 0 ? Math.max(...holds) : null;
  }

  /** Sends a signal and waits for the end. Rejects when it does not come in `timeoutMs`. */
  async endBy(signal: NodeJS.Signals, timeoutMs: number): Promise<{ code: number | null; tookMs: number }> {
    const startedMs = performance.now();
    this.#child.kill(signal);
    try {
      return { code: await this.end(timeoutMs), tookMs: performance.now() - startedMs };
    } catch {
      throw new Error(`it did not end within ${timeoutMs} ms of ${signal}`);
    }
  }

  /** Its exit code (null: a signal ended it) when it ends by itself. Rejects when it does not in `timeoutMs`. */
  async end(timeoutMs: number): Promise<number | null> {
    if (this.hasEnded) return this.#child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`it did not end within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      return await Promise.race([ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    if (!this.hasEnded) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
