/** A network namespace with one link to it, on which packets get lost and come late. Linux, as root, with a compiler. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = fileURLToPath(new URL('../../network/lossy-link.cpp', import.meta.url));
/** Ours bear the number of the process that made them, so that what a crash left behind can be told. */
const NAME = /^lcnet(\d+)$/;

export interface Impairment {
  /** Probability that a packet gets lost, 0..1. */
  loss: number;
  /** Each packet comes later by its own time, uniform between these. */
  minDelayMs: number;
  maxDelayMs: number;
}

export class NetworkNamespace {
  /** Of `ip netns`. */
  readonly name: string;
  /** Addresses of the link's ends. */
  readonly hostAddress: string;
  readonly address: string;
  readonly #link: ChildProcess;
  readonly #lines: Interface;
  readonly #folder: string;
  readonly #removeAtExit = (): void => this.#remove();

  /** Why there can be none here; null: there can. */
  static missingReason(): string | null {
    if (process.platform !== 'linux') return 'there are network namespaces on Linux only';
    if (process.getuid?.() !== 0) return 'a network namespace needs root';
    for (const [command, ...args] of [
      ['ip', '-V'],
      ['c++', '--version'],
    ] as const)
      if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) return `there is no ${command} command`;
    try {
      accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
      ip('netns', 'add', nameOf(process.pid));
      ip('netns', 'del', nameOf(process.pid));
      return null;
    } catch (error) {
      return `a network namespace cannot be made here: ${String(error).split('\n')[0]}`;
    }
  }

  /** Rejects where `missingReason` says why. Removes those that processes left behind which are no more. */
  static async create(): Promise<NetworkNamespace> {
    removeStale();
    const name = nameOf(process.pid);
    const folder = mkdtempSync(join(tmpdir(), 'lanecast-link-'));
    try {
      const program = join(folder, 'lossy-link');
      await promisify(execFile)('c++', ['-O2', '-std=c++17', '-o', program, SOURCE]);
      ip('netns', 'add', name);
      const link = spawn(program, [name, `/var/run/netns/${name}`, 'camera0'], { stdio: ['pipe', 'pipe', 'inherit'] });
      const made = new NetworkNamespace(name, link, folder);
      if ((await made.#line()) !== 'ready') throw new Error('the link did not come');
      ip('addr', 'add', made.hostAddress, 'peer', made.address, 'dev', name);
      ip('link', 'set', name, 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'addr', 'add', made.address, 'peer', made.hostAddress, 'dev', 'camera0');
      ip('-n', name, 'link', 'set', 'camera0', 'up');
      return made;
    } catch (error) {
      spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(name: string, link: ChildProcess, folder: string) {
    this.name = name;
    this.#link = link;
    this.#folder = folder;
    this.#lines = createInterface({ input: link.stdout! });
    // Of the network for benchmarks (RFC 2544), which is routed nowhere; another pair for each process.
    const pair = `198.18.${(process.pid >> 6) & 0xff}.${(process.pid & 0x3f) << 2}`;
    const end = (n: number): string => pair.replace(/\d+$/, (last) => String(Number(last) + n));
    this.hostAddress = end(1);
    this.address = end(2);
    process.on('exit', this.#removeAtExit);
  }

  /** What comes from the namespace suffers from now on; the same each time. */
  impair({ loss, minDelayMs, maxDelayMs }: Impairment): void {
    this.#order(`impair ${loss} ${minDelayMs} ${maxDelayMs} 1`);
  }

  clear(): void {
    this.#order('clear');
  }

  /** Packets that came from the namespace, and those that the link lost. */
  async counts(): Promise<{ passed: number; dropped: number }> {
    this.#order('counts');
    const [passed, dropped] = (await this.#line()).split(' ').map(Number);
    return { passed: passed!, dropped: dropped! };
  }

  /** Takes the link and the namespace away; whoever is in it keeps it, with no link, until it ends. May be called twice. */
  close(): void {
    process.off('exit', this.#removeAtExit);
    this.#remove();
  }

  #remove(): void {
    this.#lines.close();
    this.#link.kill('SIGKILL');
    spawnSync('ip', ['netns', 'del', this.name], { stdio: 'ignore' });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #order(text: string): void {
    this.#link.stdin!.write(`${text}\n`);
  }

  #line(): Promise<string> {
    return new Promise((resolve, reject) => {
      const onEnd = (): void => reject(new Error('the program that is the link ended'));
      this.#link.once('exit', onEnd);
      this.#lines.once('line', (line) => {
        this.#link.off('exit', onEnd);
        resolve(line);
      });
    });
  }
}

const nameOf = (pid: number): string => `lcnet${pid}`;

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The link goes with its process; the namespace stays when that was killed. */
function removeStale(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const name = line.split(' ')[0]!;
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || pid === String(process.pid)) continue;
    try {
      process.kill(Number(pid), 0);
    } catch {
      spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    }
  }
}
