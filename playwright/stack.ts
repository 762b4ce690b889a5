import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLIPS = join(ROOT, 'scripts/world/clips');
const START_TIMEOUT_MS = 40_000;
const END_TIMEOUT_MS = 8000;

/** A program of Lanecast, running as a person would run it. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #output = '';

  private constructor(args: readonly string[]) {
    this.#child = spawn('sh', ['scripts/launch', ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    const collect = (data: Buffer): void => void (this.#output += data.toString());
    this.#child.stdout?.on('data', collect);
    this.#child.stderr?.on('data', collect);
  }

  /** Starts it and waits until it has printed what `ready` looks for. */
  static async start(args: readonly string[], ready: RegExp): Promise<{ program: Program; match: RegExpExecArray }> {
    const program = new Program(args);
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const match = ready.exec(program.#output);
      if (match) return { program, match };
      if (program.#child.exitCode !== null || Date.now() > deadlineMs) {
        await program.close();
        throw new Error(`${args.join(' ')} did not start:\n${program.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What it printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Ends it as Ctrl-C would, by force if that does not help; may be called twice. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Clips of the simulated world, by their file names. */
export function worldClips(...names: string[]): string[] {
  return names.map((name) => join(CLIPS, name));
}

/** A camera that can be switched off and on again: an RTSP server of its own with one looped clip. */
export class Camera {
  readonly id: string;
  readonly port: number;
  readonly #clips: string;
  #program: Program | null = null;

  constructor(id: string, port: number, clip: string) {
    this.id = id;
    this.port = port;
    this.#clips = mkdtempSync(join(tmpdir(), 'lanecast-camera-'));
    symlinkSync(clip, join(this.#clips, basename(clip)));
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}/stream0`;
  }

  async switchOn(): Promise<void> {
    const args = ['scripts/dist/streams.js', '--streams', '1', '--clips', this.#clips];
    const { program } = await Program.start([...args, '--rtsp-base', `rtsp://127.0.0.1:${this.port}`], /Ctrl-C stops/);
    this.#program = program;
  }

  async switchOff(): Promise<void> {
    await this.#program?.close();
    this.#program = null;
  }

  async close(): Promise<void> {
    await this.switchOff();
    rmSync(this.#clips, { recursive: true, force: true });
  }
}

/** Cameras and a server that reads them; either can be stopped and started again on the same ports. */
export class Stack {
  readonly cameras: readonly Camera[];
  readonly port: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'lanecast-stack-'));
  readonly #more: string;
  #server: Program | null = null;

  private constructor(cameras: readonly Camera[], port: number, more: string) {
    this.cameras = cameras;
    this.port = port;
    this.#more = more;
  }

  /** One camera per clip, named for its scene, and the server with `flags` and more lines of configuration. */
  static async start(clips: readonly string[], flags: readonly string[] = [], more = ''): Promise<Stack> {
    const cameras: Camera[] = [];
    for (const clip of clips) {
      const id = basename(clip).replace(/^\d+-|\.mp4$/g, '');
      cameras.push(new Camera(id, await freePort(), clip));
    }
    const stack = new Stack(cameras, await freePort(), more);
    try {
      await Promise.all(cameras.map((camera) => camera.switchOn()));
      await stack.startServer(flags);
    } catch (error) {
      await stack.close();
      throw error;
    }
    return stack;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get configFile(): string {
    return join(this.#directory, 'lanecast.yaml');
  }

  get output(): string {
    return this.#server?.output ?? '';
  }

  async startServer(flags: readonly string[] = []): Promise<void> {
    const config = this.configFile;
    const lines = this.cameras.map(({ id, url }) => `  - id: ${id}\n    url: ${url}\n    scaleMPerPx: 0.05\n`);
    writeFileSync(config, `streams:${lines.length === 0 ? ' []' : ''}\n${lines.join('')}${this.#more}`);
    const args = ['server/dist/main.js', '--config', config, '--port', String(this.port), ...flags];
    const { program } = await Program.start([...args, '--state-dir', this.#directory], /watch them at/);
    this.#server = program;
  }

  async stopServer(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.stopServer();
    await Promise.all(this.cameras.map((camera) => camera.close()));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
