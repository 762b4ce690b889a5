/** The short form of bench:faults: a few faults, and the proof that the other streams lost nothing. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { FaultsReport } from '../dist/faults/report.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

it.skipIf(process.platform !== 'linux')(
  'bench:faults --short: one suffers, it recovers, the others lose nothing',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanecast-faults-test-'));
    try {
      const json = join(folder, 'faults.json');
      const args = ['scripts/launch', 'bench/dist/faults.js', '--short', '--json', json];
      const { stdout } = await run('sh', args, { cwd: root, timeout: 200_000 });
      const { results } = JSON.parse(readFileSync(json, 'utf8')) as FaultsReport;
      for (const { name, skipped } of results) if (skipped !== null) console.warn(`skipped: ${name}: ${skipped}`);
      expect(stdout).toContain('ingest thread crashes under a viewer');
      expect(results.flatMap(({ failures }) => failures)).toEqual([]);
      expect(results.filter(({ recoveredMs }) => recoveredMs !== null).length).toBeGreaterThanOrEqual(8);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  220_000,
);
