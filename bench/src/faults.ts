/** `npm run bench:faults`: what happens to one camera, thread or client, and that the others do not notice. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Command } from 'commander';
import { runCommand } from '@lanecast/scripts/command-line';
import { LanecastError } from '@lanecast/server/core/errors';
import { baselineGapMs, FAULTS, type FaultResult, runFault } from './faults/matrix.js';
import { type FaultsReport, faultRow } from './faults/report.js';
import { Rig } from './faults/rig.js';
import { describeMachine } from './machine.js';
import { formatTable } from './table.js';

interface Flags {
  only?: string;
  short?: boolean;
  json?: string;
  serverLog?: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const command = new Command('bench:faults')
  .description('Makes faults happen to a server with four cameras, one after the other. Linux only.')
  .option('--only <text>', 'faults whose name has it')
  .option('--short', 'those that are quick')
  .option('--json <file>', 'write everything')
  .option('--server-log <file>', 'write what the servers printed')
  .allowExcessArguments(false);

await runCommand(async () => {
  const { only, short, json, serverLog } = command.parse().opts<Flags>();
  const faults = FAULTS.filter((fault) => (only === undefined || fault.name.includes(only)) && (!short || fault.short));
  const rig = await Rig.start();
  const results: FaultResult[] = [];
  try {
    const baseline = await baselineGapMs(rig);
    const maxGapMs = Math.max(1000, 3 * baseline);
    for (const fault of faults) {
      const result = await runFault(rig, fault, maxGapMs);
      results.push(result);
      say(
        `${faultRow(result).slice(0, 3).join('  ')}${[result.skipped ?? '', ...result.notes, ...result.failures].map((f) => (f ? `\n    ${f}` : '')).join('')}`,
      );
      if (rig.server.hasEnded || (fault.spoilsServer && result.skipped === null)) {
        if (!fault.spoilsServer) say('    the server is gone; another is started');
        await rig.restartServer();
      }
    }
    say('');
    say(
      formatTable(['fault', '', 'recovered (s)', "others' packets", 'lost', 'longest gap (ms)'], results.map(faultRow)),
    );
    say(`\nlongest gap with no fault: ${baseline.toFixed(0)} ms; allowed: ${maxGapMs.toFixed(0)} ms`);
    const report: FaultsReport = {
      bench: 'faults',
      date: new Date().toISOString(),
      machine: describeMachine(),
      loadAverage: loadavg()[0]!,
      baselineGapMs: baseline,
      maxGapMs,
      results,
    };
    if (json) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
  } finally {
    await rig.close();
    if (serverLog) writeFileSync(serverLog, rig.serverOutput);
  }
  const failed = results.filter(({ failures }) => failures.length > 0);
  if (failed.length > 0)
    throw new LanecastError(
      'faults-felt',
      failed.map(({ name, failures }) => `${name}: ${failures.join('; ')}`).join('. '),
    );
});
