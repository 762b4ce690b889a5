import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/testing.js';
import { ServiceManager } from './service-manager.js';

const PID = 4711;

function setUp(environment: NodeJS.ProcessEnv = { WATCHDOG_USEC: '10000000', WATCHDOG_PID: `${PID}` }) {
  const clock = new ManualClock();
  const sent: string[] = [];
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_: object, text: string) => void warnings.push(text) };
  const manager = new ServiceManager((lines) => void sent.push(lines.join(' | ')), environment, PID, clock, log);
  const take = (): string[] => sent.splice(0);
  return { clock, manager, take, warnings };
}

describe('ServiceManager', () => {
  it('asks for time while it starts, and no longer once it is ready', () => {
    const { clock, manager, take } = setUp();
    manager.starting('loading the model');
    clock.advance(25_000);
    expect(take()).toEqual(['STATUS=loading the model', ...Array<string>(3).fill('EXTEND_TIMEOUT_USEC=30000000')]);
    manager.ready('8 streams');
    clock.advance(60_000);
    expect(take()).toEqual(['READY=1 | STATUS=8 streams']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets a start that hangs run into its time-out in the end', () => {
    const { clock, manager, take } = setUp();
    manager.starting('loading');
    clock.advance(3_600_000);
    expect(take().length).toBeLessThan(95);
    expect(clock.pendingTimers).toBe(0);
  });

  it('feeds the watchdog three times a period, however often it is told that all is well', () => {
    const { clock, manager, take } = setUp();
    manager.alive();
    expect(take()).toEqual([]); // not ready yet
    manager.ready('x');
    take();
    for (let second = 0; second < 30; second++) {
      manager.alive();
      clock.advance(1000);
    }
    expect(take()).toEqual(Array(10).fill('WATCHDOG=1'));
  });

  it.each([
    ['off', {}],
    ['of another process', { WATCHDOG_USEC: '10000000', WATCHDOG_PID: '1' }],
    ['nonsense', { WATCHDOG_USEC: 'soon' }],
  ])('feeds no watchdog that is %s', (_, environment) => {
    const { manager, take } = setUp(environment);
    manager.ready('x');
    take();
    manager.alive();
    expect([manager.watchdogMs, take()]).toEqual([null, []]);
  });

  it('says that a watchdog is too quick for it', () => {
    expect(setUp({ WATCHDOG_USEC: '1000000' }).warnings).toEqual([expect.stringContaining('set 10 s')]);
    expect(setUp().warnings).toEqual([]);
  });

  it('tells the status when it changed, and not too often', () => {
    const { clock, manager, take } = setUp();
    manager.ready('a');
    take();
    for (const status of ['a', 'b', 'c']) {
      clock.advance(2000);
      manager.status(status);
    }
    clock.advance(1000);
    manager.status('d\nREADY=1');
    manager.status('d\nREADY=1');
    expect(take()).toEqual(['STATUS=c', 'STATUS=d READY=1'].slice(0, 1));
    clock.advance(5000);
    manager.status('d\nREADY=1');
    expect(take()).toEqual(['STATUS=d READY=1']);
  });

  it('is ready again after a reload, also after one that failed', async () => {
    const { clock, manager, take } = setUp();
    manager.ready('x');
    take();
    clock.advance(5);
    await expect(manager.reload(() => Promise.resolve(7))).resolves.toBe(7);
    await expect(manager.reload(() => Promise.reject(new Error('bad file')))).rejects.toThrow('bad file');
    const once = ['RELOADING=1 | MONOTONIC_USEC=5000', 'READY=1'];
    expect(take()).toEqual([...once, ...once]);
  });

  it('says goodbye once and then nothing more', () => {
    const { manager, take } = setUp();
    manager.ready('x');
    take();
    manager.stopping();
    manager.stopping();
    manager.alive();
    manager.status('y');
    expect(take()).toEqual(['STOPPING=1 | STATUS=closing']);
  });

  it('does nothing without a manager', () => {
    const clock = new ManualClock();
    const log = { info: () => undefined, warn: () => undefined };
    const manager = new ServiceManager(null, { WATCHDOG_USEC: '10000000' }, PID, clock, log);
    manager.ready('x');
    expect(manager.watchdogMs).toBeNull();
  });
});
