/** `npm run doctor`: what is here and what is not, one line each, with the fix. Exit status 1 if something is broken. */
import { Command } from 'commander';
import { runCommand } from './command-line.js';
import type { Check } from './doctor/check.js';
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
  checkNvdec,
  checkPort,
  checkThreadPool,
} from './doctor/checks.js';
import { printFinding } from './doctor/print-finding.js';
import { quietLibraries } from './quiet-libraries.js';

const CHECKS: readonly Check[] = [
  () => checkNode(),
  () => checkThreadPool(),
  checkDecoders,
  checkFfmpeg,
  checkInference,
  () => checkCuda(),
  () => checkNvdec(),
  () => checkNms(),
  () => checkModel(),
  checkPort(8080, 'HTTP', 'use --port'),
  checkPort(8554, 'RTSP', 'fine if that is your RTSP server'),
  checkMediaMtx,
  () => checkBrowser(),
];

await runCommand(async () => {
  new Command('doctor')
    .description('Says what is here and how to mend what is not.')
    .allowExcessArguments(false)
    .parse();
  quietLibraries();
  for (const check of CHECKS) printFinding(await check());
});
