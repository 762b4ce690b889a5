import { execFile } from 'node:child_process';
import { type NotifyOutcome, notifyManager } from '@lanecast/native';
import { messageOf } from '../../core/errors.js';
import type { Log } from '../../core/log.js';

/** Sends `NAME=value` lines to the service manager (sd_notify(3)); never throws, never waits. */
export type Notifier = (lines: readonly string[]) => void;

/** Messages that wait for `systemd-notify` to end; more are merged into the last. */
const MAX_WAITING = 4;
const PROGRAM_TIMEOUT_MS = 5000;

/** Carries messages where the addon is missing. The unit then needs `NotifyAccess=all`, since another process sends. */
type Program = (address: string, lines: readonly string[], done: (error: Error | null) => void) => void;

/**
 * Null where no service manager listens (`$NOTIFY_SOCKET` is unset). Messages go through the native addon, or where it
 * is missing through the program `systemd-notify`. The first failure of a kind is a warning, the others are silent: the
 * manager may have gone, and that is no reason to fill the log.
 */
export function createNotifier(
  environment: NodeJS.ProcessEnv,
  log: Log,
  native: (address: string, message: string) => NotifyOutcome = notifyManager,
  program: Program = systemdNotify,
): Notifier | null {
  const address = environment['NOTIFY_SOCKET'];
  if (!address) return null;
  const said = new Set<string>();
  const warnOnce = (text: string): void => {
    if (said.has(text)) return;
    said.add(text);
    log.warn({ code: 'notify-failed' }, text);
  };

  const waiting: (readonly string[])[] = [];
  let running = false;
  const runNext = (): void => {
    const lines = running ? undefined : waiting.shift();
    if (!lines) return;
    running = true;
    program(address, lines, (error) => {
      running = false;
      if (error) warnOnce(`systemd-notify failed: ${messageOf(error)}; build the addon or install systemd-notify`);
      runNext();
    });
  };

  let unsupported = false;
  return (lines) => {
    if (!unsupported) {
      const outcome = native(address, lines.join('\n'));
      if (outcome.sent) return;
      if (!outcome.unsupported) {
        warnOnce(`the service manager did not take a message on ${address}: ${outcome.reason}`);
        return;
      }
      unsupported = true;
      warnOnce(`messages to the service manager go through systemd-notify (${outcome.reason})`);
    }
    if (waiting.length < MAX_WAITING) waiting.push(lines);
    else waiting.push([...waiting.pop()!, ...lines]);
    runNext();
  };
}

function systemdNotify(address: string, lines: readonly string[], done: (error: Error | null) => void): void {
  const options = { env: { ...process.env, NOTIFY_SOCKET: address }, timeout: PROGRAM_TIMEOUT_MS };
  execFile('systemd-notify', ['--', ...lines], options, (error) => done(error));
}
