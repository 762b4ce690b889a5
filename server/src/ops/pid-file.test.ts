import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPidFile, writePidFile } from './pid-file.js';
import { readProcessStat } from './process-stat.js';

const folder = mkdtempSync(join(tmpdir(), 'lanecast-pid-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'x.pid');

describe('the pid file', () => {
  it('says who this process is, and goes with it', () => {
    const remove = writePidFile({ RUNTIME_DIRECTORY: `${folder}:/elsewhere` }, 'x.pid');
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${process.pid}\n`));
    const startTicks = readProcessStat(process.pid)?.startTicks ?? null;
    expect(readPidFile(path)).toEqual({ pid: process.pid, startTicks });
    remove();
    remove();
    expect(existsSync(path)).toBe(false);
  });

  it('is not written without a runtime directory', () => {
    writePidFile({}, 'x.pid')();
    expect(existsSync('x.pid')).toBe(false);
  });

  it.each([
    ['4711', { pid: 4711, startTicks: null }],
    [' 4711 \n', { pid: 4711, startTicks: null }],
    ['4711\n99\n', { pid: 4711, startTicks: 99 }],
    ['', null],
    ['1\n', null],
    ['0\n', null],
    ['-1\n', null],
    ['99999999999999999999\n', null],
    ['4711 99', null],
    ['all\n', null],
  ])('reads %j', (text, expected) => {
    writeFileSync(path, text);
    expect(readPidFile(path)).toEqual(expected);
  });
});
