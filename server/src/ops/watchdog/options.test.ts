import { afterEach, describe, expect, it, vi } from 'vitest';
import { sizeOption, watchOptions } from './options.js';

afterEach(() => vi.unstubAllEnvs());

describe('sizeOption', () => {
  it.each([
    ['1500M', 1500 * 2 ** 20],
    ['2G', 2 ** 31],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['2147483648', 2 ** 31],
    ['75%', 6 * 2 ** 30],
  ])('%s', (text, bytes) => expect(sizeOption(text, 8 * 2 ** 30)).toBe(bytes));

  it.each(['', '2X', '-1G', '100', '0%', 'G', '1e9G'])('refuses %j', (text) => {
    expect(() => sizeOption(text)).toThrow(/size like/);
  });
});

describe('watchOptions', () => {
  it('has sensible defaults', () => {
    const { target, limits, healthUrl } = watchOptions(['--pid', '4711', '--max-rss', '2G']);
    expect(target).toEqual({ kind: 'pid', pid: 4711 });
    expect(limits).toMatchObject({ rssWarnBytes: 1.5 * 2 ** 30, cpuMaxPercent: null, forMs: 30_000, graceMs: 15_000 });
    expect(healthUrl).toBeNull();
  });

  it('reads the environment, and flags win over it', () => {
    vi.stubEnv('LANECAST_WATCHDOG_PID_FILE', '/run/lanecast/lanecast.pid');
    vi.stubEnv('LANECAST_WATCHDOG_MAX_RSS', '3G');
    vi.stubEnv('LANECAST_WATCHDOG_FOR', '60');
    const { target, limits } = watchOptions(['--for', '5']);
    expect(target).toEqual({ kind: 'pid-file', path: '/run/lanecast/lanecast.pid' });
    expect(limits).toMatchObject({ rssMaxBytes: 3 * 2 ** 30, forMs: 5000 });
  });

  it.each([[[]], [['--pid', '4711', '--unit', 'x.service']]])('wants to know whom to watch: %j', (argv) => {
    expect(() => watchOptions(argv)).toThrow(/one of --pid/);
  });
});
