/** Messages to the service manager, received on real sockets. Skips without a compiler. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nmsInfo, notifyManager } from '../dist/index.js';
import { buildReceiver, NotifyReceiver, receiverUnavailable } from '../dist/testing/notify-receiver.js';

const noAddon = nmsInfo().cpuMissingReason;
const unable = receiverUnavailable || (noAddon ?? '');

describe.skipIf(unable)(`notifyManager${unable && ` (${unable})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanecast-notify-'));
  beforeAll(() => buildReceiver(), 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['a path', join(folder, 'socket')],
    ['a name in the abstract namespace', `@lanecast-test-${process.pid}`],
  ])('reaches %s, in the name of this very process', async (_, address) => {
    const receiver = await NotifyReceiver.listen(address);
    expect(notifyManager(address, 'READY=1\nSTATUS=8 streams, é')).toEqual({ sent: true });
    await receiver.until('STATUS');
    expect(receiver.received).toEqual([{ pid: process.pid, lines: ['READY=1', 'STATUS=8 streams, é'] }]);
    await receiver.close();
  });

  it.each([
    ['nobody listens', join(folder, 'nobody'), /sendto: No such file/],
    ['nobody listens there', `@lanecast-nobody-${process.pid}`, /sendto: Connection refused/],
    ['it is no Unix socket', 'vsock:2:1234', /not the address of a Unix socket/],
    ['it is empty', '', /not the address/],
    ['the path is too long', `/${'x'.repeat(107)}`, /too long/],
    ['the name is too long', `@${'x'.repeat(108)}`, /too long/],
  ])('says why it sent nothing when %s', (_, address, reason) => {
    expect(notifyManager(address, 'READY=1')).toEqual({
      sent: false,
      unsupported: false,
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('gives up, rather than waits, when nobody takes the messages', async () => {
    const address = join(folder, 'deaf');
    const receiver = await NotifyReceiver.listen(address);
    process.kill(receiver.pid, 'SIGSTOP');
    const outcomes = Array.from({ length: 2000 }, () => notifyManager(address, 'WATCHDOG=1'));
    expect(outcomes[0]).toEqual({ sent: true });
    expect(outcomes.at(-1)).toMatchObject({ sent: false, unsupported: false });
    process.kill(receiver.pid, 'SIGCONT');
    await receiver.close();
  });

  it('leaves no descriptor behind', async () => {
    const { readdirSync } = await import('node:fs');
    const count = (): number => readdirSync('/proc/self/fd').length;
    const before = count();
    for (let i = 0; i < 100; i++) notifyManager(join(folder, 'nobody'), 'WATCHDOG=1');
    expect(count()).toBe(before);
  });
});
