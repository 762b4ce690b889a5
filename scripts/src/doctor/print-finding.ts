import type { Finding, Verdict } from './check.js';

const MARK: Record<Verdict, string> = { ok: 'ok  ', note: 'note', fail: 'FAIL' };

/** One line on stdout; what fails sets the exit status. */
export function printFinding({ subject, verdict, text, fix }: Finding): void {
  process.stdout.write(`${MARK[verdict]}  ${subject.padEnd(14)} ${text}${fix ? ` -> ${fix}` : ''}\n`);
  if (verdict === 'fail') process.exitCode = 1;
}
