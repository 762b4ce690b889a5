import { describe, expect, it } from 'vitest';
import type { StageSign } from '../../core/pulse.js';
import { ManualClock } from '../../core/testing.js';
import { Liveness } from './liveness.js';

function setUp() {
  const clock = new ManualClock();
  const lines: string[] = [];
  const log = (_: object, message: string): void => void lines.push(message);
  const stage: StageSign = { name: 'detector', input: null, output: 0, patient: false };
  const liveness = new Liveness(() => [stage], clock, { info: log, warn: log });
  return { clock, lines, stage, liveness };
}

describe('Liveness', () => {
  it('looks every second, tells its listeners, and says what changed once', () => {
    const { clock, lines, stage, liveness } = setUp();
    const heard: (string | null)[] = [];
    liveness.onLook((reason) => heard.push(reason));
    clock.advance(31_000);
    expect(heard).toEqual(Array(31).fill(null));
    clock.advance(2000);
    expect(liveness.reasonNotAlive()).toBe('the detector has had work for 32 s and does none');
    expect(heard).toHaveLength(33);
    expect(lines).toEqual([expect.stringContaining('not alive: the detector has had work for 31 s')]);
    stage.output++;
    clock.advance(1000);
    expect([liveness.reasonNotAlive(), lines.length]).toEqual([null, 2]);
    expect(lines[1]).toBe('every stage is at work again');
    expect(liveness.stages()).toEqual([{ name: 'detector', stalledMs: 0, alive: true }]);
  });

  it('leaves no timer behind', () => {
    const { clock, liveness } = setUp();
    clock.advance(1500);
    liveness.close();
    liveness.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
