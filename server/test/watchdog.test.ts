/** The watchdog as a process, against processes that leak, spin and hang (all bounded: they end by themselves too). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

const LAUNCHER = fileURLToPath(new URL('../bin/lanecast-watchdog', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lanecast-watchdog-'));
afterAll(() => rmSync(folder, { recursive: true }));

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

/** A program that says "ready" first; it ends after 20 s whatever happens. */
async function program(source: string): Promise<{ child: ChildProcess; ended: Promise<unknown[]>; said: string }> {
  const child = spawn(process.execPath, ['--eval', `setTimeout(() => process.exit(3), 20000); ${source}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const ended = once(child, 'exit');
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, ended, said: data.toString().trim() };
}

function watchdog(args: string[]) {
  const quick = ['--interval', '0.2', '--for', '1', '--grace', '1', '--start', '0'];
  const child = spawn(LAUNCHER, [...quick, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (out += data.toString()));
  const ended = once(child, 'exit');
  return {
    child,
    ended,
    messages: () =>
      out.split('\n').flatMap((line) => (line.startsWith('{') ? [(JSON.parse(line) as { msg: string }).msg] : [])),
    out: () => out,
  };
}

async function until(condition: () => boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + 12_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what()}`);
    await sleep(50);
  }
}

describe.skipIf(process.platform !== 'linux')('lanecast-watchdog', () => {
  it('warns of a leak, asks the process to end, and ends with it', async () => {
    // 4 MB every 40 ms, 160 MB at most.
    const { child, ended } = await program(`
      const kept = [];
      setInterval(() => kept.length < 40 && kept.push(Buffer.alloc(4e6, 1)), 40);
      process.on('SIGTERM', () => process.exit(0));
      console.log('ready');`);
    const dog = watchdog(['--pid', String(child.pid), '--max-rss', '130M', '--warn-rss', '90M']);
    expect(await ended).toEqual([0, null]);
    expect(await dog.ended).toEqual([0, null]);
    expect(dog.messages()).toEqual([
      'a process to watch',
      expect.stringMatching(/^memory is high \(\d+ MiB\)$/),
      expect.stringMatching(/^memory over its limit for 1(\.\d)? s: sent SIGTERM$/),
      'the process is gone',
    ]);
  });

  it('ends by force one that spins and does not hear SIGTERM', async () => {
    const { child, ended } = await program(`
      process.on('SIGTERM', () => undefined);
      console.log('ready');
      setImmediate(() => { for (const end = Date.now() + 15000; Date.now() < end; ); });`);
    const dog = watchdog(['--pid', String(child.pid), '--max-cpu', '30']);
    expect(await ended).toEqual([null, 'SIGKILL']);
    await dog.ended;
    expect(dog.messages().some((text) => /cpu over its limit .* sent SIGTERM/.test(text))).toBe(true);
    expect(dog.messages().at(-2)).toMatch(/still there 1 s after a signal: sent SIGKILL/);
  });

  it('ends one that hangs: it takes connections and never answers', async () => {
    const { child, ended, said } = await program(`
      const hang = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15000);
      const server = require('node:http').createServer((_, response) => {
        response.end('well');
        setTimeout(hang, 300);
      });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));`);
    const dog = watchdog(['--pid', String(child.pid), '--health', `http://127.0.0.1:${said}/healthz`]);
    expect(await ended).toEqual([null, 'SIGTERM']);
    await dog.ended;
    expect(dog.messages()[1]).toMatch(/^health is over its limit/);
  });

  it('leaves a healthy process alone, and whoever has the pid of a dead one', async () => {
    const { child: bystander } = await program(`console.log('ready')`);
    const began = Number(readFileSync(`/proc/${bystander.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]);
    const path = join(folder, 'stale.pid');
    // As if the server had had this pid before: limits that anybody exceeds, and nothing may happen.
    writeFileSync(path, `${bystander.pid}\n${began - 100}\n`);
    const dog = watchdog(['--pid-file', path, '--max-rss', '1M', '--for', '0.2']);
    await sleep(2500);
    expect(dog.messages()).toEqual([]);
    // The server starts again: now this is it.
    writeFileSync(path, `${bystander.pid}\n${began}\n`);
    await until(() => bystander.signalCode !== null, dog.out);
    expect(bystander.signalCode).toBe('SIGTERM');
    dog.child.kill('SIGTERM');
    expect(await dog.ended).toEqual([0, null]);

    const { child: well } = await program(`console.log('ready')`);
    writeFileSync(path, `${well.pid}\n`);
    const calm = watchdog(['--pid-file', path, '--max-rss', '1G', '--max-cpu', '100']);
    await sleep(2000);
    expect([well.exitCode, well.signalCode, calm.messages()]).toEqual([null, null, ['a process to watch']]);
    calm.child.kill('SIGTERM');
    expect(await calm.ended).toEqual([0, null]);
  });

  it('says in one line what it cannot do', async () => {
    const dog = watchdog([]);
    expect(await dog.ended).toEqual([1, null]);
    expect(dog.out()).toBe('lanecast-watchdog: say whom to watch: one of --pid, --pid-file and --unit\n');
  });
});
