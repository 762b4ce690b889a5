import { describe, expect, it } from 'vitest';
import { ManualClock } from '../core/testing.js';
import { GpuMemory, parseGpuReadings } from './gpu-memory.js';

const OUTPUT =
  '0, NVIDIA H100 80GB HBM3, 1532, 81559, 37\n1, Tesla, rev 2, 10, 16384, [N/A]\n2, Orin, [N/A], [N/A], 3\n';

it('parses what nvidia-smi says', () => {
  expect(parseGpuReadings(OUTPUT)).toEqual([
    {
      index: '0',
      name: 'NVIDIA H100 80GB HBM3',
      memoryUsedBytes: 1532 * 2 ** 20,
      memoryTotalBytes: 81559 * 2 ** 20,
      utilization: 0.37,
    },
    { index: '1', name: 'Tesla, rev 2', memoryUsedBytes: 10 * 2 ** 20, memoryTotalBytes: 2 ** 34, utilization: null },
  ]);
  expect(parseGpuReadings('No devices were found\n')).toEqual([]);
});

describe('GpuMemory', () => {
  function setUp() {
    const clock = new ManualClock();
    const runs: ((output: string | null, missing: boolean) => void)[] = [];
    return { clock, runs, memory: new GpuMemory(clock, (done) => runs.push(done)) };
  }

  it('answers with what it has, and reads every ten seconds at most, one at a time', () => {
    const { clock, runs, memory } = setUp();
    expect(memory.latest()).toEqual([]);
    clock.advance(30_000);
    memory.latest();
    expect(runs).toHaveLength(1);
    runs[0]!(OUTPUT, false);
    expect(memory.latest()).toHaveLength(2);
    clock.advance(1000);
    memory.latest();
    expect(runs).toHaveLength(2);
  });

  it('has nothing to say when the last reading is a minute old', () => {
    const { clock, runs, memory } = setUp();
    memory.latest();
    runs[0]!(OUTPUT, false);
    clock.advance(61_000);
    expect(memory.latest()).toEqual([]);
    runs[1]!(null, false);
    clock.advance(10_000);
    memory.latest();
    expect(runs).toHaveLength(3);
  });

  it('is tried ever more rarely where it fails, and as often as before when it works again', () => {
    const { clock, runs, memory } = setUp();
    const triesIn = (ms: number, answer: string | null): number => {
      const before = runs.length;
      for (let t = 0; t < ms; t += 10_000) {
        clock.advance(10_000);
        const answered = runs.length;
        memory.latest();
        runs[answered]?.(answer, false);
      }
      return runs.length - before;
    };
    expect(triesIn(3_600_000, null)).toBe(11);
    expect(triesIn(600_000, OUTPUT)).toBeGreaterThan(0);
    expect(memory.latest()).toHaveLength(2);
    expect(triesIn(600_000, OUTPUT)).toBe(60);
  });

  it('is tried once where there is no such program', () => {
    const { clock, runs, memory } = setUp();
    memory.latest();
    runs[0]!(null, true);
    clock.advance(1e6);
    expect([memory.latest(), runs.length]).toEqual([[], 1]);
  });
});
