import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProcessStat } from '../process-stat.js';
import { alive, findProcess, signalProcess, statOf, type WatchedProcess } from './watched-process.js';

const folder = mkdtempSync(join(tmpdir(), 'lanecast-watched-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'x.pid');
const file = { kind: 'pid-file', path } as const;

describe.skipIf(process.platform !== 'linux')('the process that is watched', () => {
  let child: ReturnType<typeof spawn>;
  let known: WatchedProcess;
  beforeEach(() => {
    child = spawn('sleep', ['60']);
    known = { pid: child.pid!, startTicks: readProcessStat(child.pid!)!.startTicks };
  });
  afterEach(() => void child.kill('SIGKILL'));

  it('is found by its pid, and gone when it has ended', async () => {
    const target = { kind: 'pid', pid: known.pid } as const;
    expect(findProcess(target, null)).toEqual(known);
    expect(statOf(known)!.residentBytes).toBeGreaterThan(0);
    const ended = once(child, 'exit');
    expect(signalProcess(known, 'SIGTERM')).toBeNull();
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect([findProcess(target, known), alive(known), statOf(known)]).toEqual([null, null, null]);
  });

  it('is not the one that has got its pid', async () => {
    const before = { ...known, startTicks: known.startTicks - 1 };
    expect(findProcess({ kind: 'pid', pid: known.pid }, before)).toBeNull();
    expect(signalProcess(before, 'SIGKILL')).toBe('it has ended by itself');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([child.exitCode, child.signalCode, alive(known)]).toEqual([null, null, known]);
  });

  it.each([1, 0, process.pid])('is never %i', (pid) => {
    const stat = readProcessStat(Math.max(pid, 1));
    expect(findProcess({ kind: 'pid', pid }, null)).toBeNull();
    expect(signalProcess({ pid, startTicks: stat?.startTicks ?? 0 }, 'SIGTERM')).toMatch(/nobody to signal/);
  });

  it('is found by a pid file that says when it began, and only if it did', () => {
    writeFileSync(path, `${known.pid}\n${known.startTicks}\n`);
    expect(findProcess(file, null)).toEqual(known);
    writeFileSync(path, `${known.pid}\n${known.startTicks + 1}\n`);
    expect(findProcess(file, known)).toBeNull();
    rmSync(path);
    expect(findProcess(file, known)).toBeNull();
  });

  it('is found by a plain pid file, unless that is older than the process', () => {
    writeFileSync(path, `${known.pid}\n`);
    expect(findProcess(file, null)).toEqual(known);
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(path, hourAgo, hourAgo);
    expect(findProcess(file, null)).toBeNull();
  });

  it('is nobody where there is no such unit', () => {
    expect(findProcess({ kind: 'unit', unit: 'lanecast-no-such.service' }, null)).toBeNull();
  });
});
