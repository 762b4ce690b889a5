/** `npm run doctor`: what is here and what is not, one line each, with the fix. Exit status 1 if something is broken. */
import { Command } from 'commander';
import { runCommand } from './command-line.js';
import type { Check, Verdict } from './doctor/check.js';
import {
  checkBrowser,
  checkCuda,
  checkDecoders,
  checkFfmpeg,
  checkInference,
  checkMediaMtx,
  checkModel,
  checkNms,
  checkNode,
  checkPort,
  checkThreadPool,
} from './doctor/checks.js';
import { quietLibraries } from './quiet-libraries.js';

const CHECKS: readonly Check[] = [
  () => checkNode(),
  () => checkThreadPool(),
  checkDecoders,
  checkFfmpeg,
  checkInference,
  () => checkCuda(),
  () => checkNms(),
  () => checkModel(),
  checkPort(8080, 'HTTP', 'use --port'),
  checkPort(8554, 'RTSP', 'fine if that is your RTSP server'),
  checkMediaMtx,
  () => checkBrowser(),
];

const MARK: Record<Verdict, string> = { ok: 'ok  ', note: 'note', fail: 'FAIL' };

await runCommand(async () => {
  new Command('doctor')
    .description('Says what is here and how to mend what is not.')
    .allowExcessArguments(false)
    .parse();
  quietLibraries();
  for (const check of CHECKS) {
    const { subject, verdict, text, fix } = await check();
    process.stdout.write(`${MARK[verdict]}  ${subject.padEnd(14)} ${text}${fix ? ` -> ${fix}` : ''}\n`);
    if (verdict === 'fail') process.exitCode = 1;
  }
});
