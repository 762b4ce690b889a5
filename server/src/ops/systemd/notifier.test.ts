import { describe, expect, it } from 'vitest';
import { createNotifier } from './notifier.js';

function setUp(outcome: Parameters<typeof createNotifier>[2]) {
  const warnings: string[] = [];
  const programs: { lines: readonly string[]; done: (error: Error | null) => void }[] = [];
  const notify = createNotifier(
    { NOTIFY_SOCKET: '/run/notify' },
    { info: () => undefined, warn: (_, message) => warnings.push(message) },
    outcome,
    (_, lines, done) => programs.push({ lines, done }),
  )!;
  return { warnings, programs, notify };
}

describe('createNotifier', () => {
  it('is none without a service manager', () => {
    expect(createNotifier({}, { info: () => undefined, warn: () => undefined })).toBeNull();
  });

  it('sends lines as one message', () => {
    const sent: string[][] = [];
    const { notify, programs } = setUp((...message) => {
      sent.push(message);
      return { sent: true };
    });
    notify(['READY=1', 'STATUS=x']);
    expect(sent).toEqual([['/run/notify', 'READY=1\nSTATUS=x']]);
    expect(programs).toEqual([]);
  });

  it('says once that the manager does not listen, and goes on trying', () => {
    let tries = 0;
    const { notify, programs, warnings } = setUp(() => {
      tries++;
      return { sent: false, unsupported: false, reason: 'sendto: Connection refused' };
    });
    for (let i = 0; i < 5; i++) notify(['WATCHDOG=1']);
    expect(tries).toBe(5);
    expect(programs).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('Connection refused')]);
  });

  it('takes systemd-notify without the addon, one at a time, and loses no line however slow it is', () => {
    const { notify, programs, warnings } = setUp(() => ({ sent: false, unsupported: true, reason: 'no addon' }));
    const lines = Array.from({ length: 20 }, (_, i) => `X=${i}`);
    for (const line of lines) notify([line]);
    expect(programs).toHaveLength(1);
    for (let i = 0; i < programs.length; i++) programs[i]!.done(i === 0 ? new Error('ENOENT') : null);
    expect(programs.flatMap((program) => program.lines)).toEqual(lines);
    expect(programs.length).toBeLessThan(7);
    expect(warnings).toHaveLength(2);
  });
});
