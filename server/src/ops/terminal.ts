import { closeSync, openSync } from 'node:fs';

const hadTerminal = process.stdin.isTTY || process.stdout.isTTY;

/** True if the process was started in a terminal and that was closed: SIGHUP then means what its name says. */
export function terminalIsGone(): boolean {
  if (!hadTerminal) return false;
  try {
    // The controlling terminal; a session that lost it gets ENXIO.
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}
