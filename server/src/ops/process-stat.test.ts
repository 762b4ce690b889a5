import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseProcessStat, readProcessStat } from './process-stat.js';

const STATUS = 'Name:\tnode\nVmHWM:\t  999 kB\nVmRSS:\t   2560 kB\nThreads:\t11\n';
const TAIL =
  'S 1 4711 4711 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 11 0 987654 1000000 2560 18446744073709551615 0 0 0 0 0 0';

describe('parseProcessStat', () => {
  it.each(['node', 'a b', 'evil) R 2 3 (x', ') S 1'])('reads the fields behind the name %j', (name) => {
    expect(parseProcessStat(`4711 (${name}) ${TAIL}`, STATUS)).toEqual({
      pid: 4711,
      startTicks: 987654,
      cpuTicks: 300,
      residentBytes: 2560 * 1024,
    });
  });

  it.each(['', 'x', '4711 (node)', '4711 (node) S 1 2', `4711 (node) Z${TAIL.slice(1)}`])('refuses %j', (text) => {
    expect(parseProcessStat(text, STATUS)).toBeNull();
  });

  it('refuses what has no memory (a thread of the kernel)', () => {
    expect(parseProcessStat(`2 (kthreadd) ${TAIL}`, 'Name:\tkthreadd\n')).toBeNull();
  });
});

describe.skipIf(process.platform !== 'linux')('readProcessStat', () => {
  it('knows this process', () => {
    const stat = readProcessStat(process.pid)!;
    expect(stat.pid).toBe(process.pid);
    expect(Math.abs(stat.residentBytes / process.memoryUsage().rss - 1)).toBeLessThan(0.2);
    const { user, system } = process.cpuUsage();
    expect(Math.abs(stat.cpuTicks * 10 - (user + system) / 1000)).toBeLessThan(150);
  });

  it('knows no process that has ended', () => {
    const { pid } = spawnSync('true');
    expect(readProcessStat(pid)).toBeNull();
    expect(readProcessStat(0)).toBeNull();
  });
});
