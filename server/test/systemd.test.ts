/** The server under a service manager that is a socket: what it says, when, and in whose name. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildFixtureModel } from '@lanecast/models/fixture';
import { nmsInfo } from '@lanecast/native';
import { buildReceiver, NotifyReceiver, receiverUnavailable } from '@lanecast/native/testing/notify-receiver';
import { createNotifier } from '../dist/ops/systemd/notifier.js';

const LAUNCHER = fileURLToPath(new URL('../bin/lanecast', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lanecast-systemd-'));
const model = join(folder, 'fixture.onnx');
const pidFile = join(folder, 'lanecast.pid');
writeFileSync(model, buildFixtureModel({ width: 320, height: 192 }));
afterAll(() => rmSync(folder, { recursive: true }));

const unable = receiverUnavailable || (nmsInfo().cpuMissingReason ?? '');
const noProgram = spawnSync('systemd-notify', ['--version']).status !== 0;

describe.skipIf(unable)(`a server that a service manager started${unable && ` (${unable})`}`, () => {
  let receiver: NotifyReceiver;
  let child: ChildProcess | undefined;
  beforeAll(() => buildReceiver(), 120_000);
  afterEach(async () => {
    child?.kill('SIGKILL');
    await receiver.close();
  });

  it('says in its own name that it is ready, alive while its one camera is dead, and that it ends', async () => {
    const address = `@lanecast-systemd-${process.pid}`;
    receiver = await NotifyReceiver.listen(address);
    const args = ['--streams', '1', '--rtsp-base', 'rtsp://127.0.0.1:9', '--model', model, '--port', '0'];
    child = spawn(LAUNCHER, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NOTIFY_SOCKET: address, WATCHDOG_USEC: '4500000', RUNTIME_DIRECTORY: folder },
    });
    let out = '';
    child.stdout!.on('data', (data: Buffer) => (out += data.toString()));

    await receiver.until('READY=1', 20_000);
    expect(receiver.lines.slice(0, 2)).toEqual(['STATUS=loading the detector', 'EXTEND_TIMEOUT_USEC=30000000']);
    expect(readFileSync(pidFile, 'utf8')).toMatch(new RegExp(`^${child.pid}\n\\d+\n$`));
    // What it writes comes by another way, and may come later.
    const URL_WRITTEN = /http:\/\/127\.0\.0\.1:\d+/;
    await vi.waitFor(() => expect(out).toMatch(URL_WRITTEN), 10_000);
    const url = URL_WRITTEN.exec(out)![0];
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);

    const pings = (): number => receiver.lines.filter((line) => line === 'WATCHDOG=1').length;
    const deadline = Date.now() + 15_000;
    while (pings() < 3 && Date.now() < deadline) await sleep(50);
    expect(pings()).toBeGreaterThanOrEqual(3);
    expect(receiver.lines).toContain('STATUS=0 of 1 cameras live, 0 frames/s, 0 watching');

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await receiver.until('STOPPING=1');
    expect(receiver.lines.slice(-2)).toEqual(['STOPPING=1', 'STATUS=closing']);
    expect(existsSync(pidFile)).toBe(false);
    // The launcher became node: the manager takes messages of the main process only, and this is it.
    expect(new Set(receiver.received.map(({ pid }) => pid))).toEqual(new Set([child.pid]));
  });

  it('feeds no watchdog while its event loop hangs', async () => {
    const address = join(folder, 'notify');
    receiver = await NotifyReceiver.listen(address);
    const args = ['--streams', '1', '--rtsp-base', 'rtsp://127.0.0.1:9', '--model', model, '--port', '0'];
    child = spawn(LAUNCHER, args, {
      stdio: 'ignore',
      env: { ...process.env, NOTIFY_SOCKET: address, WATCHDOG_USEC: '4500000' },
    });
    await receiver.until('WATCHDOG=1', 20_000);
    child.kill('SIGSTOP');
    await sleep(300);
    const before = receiver.lines.length;
    await sleep(2500);
    expect(receiver.lines.length).toBe(before);
  });

  it.skipIf(noProgram)('is heard through systemd-notify where the addon is missing', async () => {
    const address = join(folder, 'notify-program');
    receiver = await NotifyReceiver.listen(address);
    const log = { info: () => undefined, warn: () => undefined };
    const missing = { sent: false, unsupported: true, reason: 'not built' } as const;
    const notify = createNotifier({ NOTIFY_SOCKET: address }, log, () => missing)!;
    notify(['READY=1', 'STATUS=8 of 8 cameras live']);
    notify(['WATCHDOG=1']);
    await receiver.until('WATCHDOG=1');
    expect(receiver.lines.filter((line) => !line.startsWith('BARRIER'))).toEqual([
      'READY=1',
      'STATUS=8 of 8 cameras live',
      'WATCHDOG=1',
    ]);
  });
});
