/** The short form of bench:memory: that it runs, and that everything comes back that viewers and cameras took. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { MemoryReport } from '../dist/memory/report.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (args: string[]) => run('sh', ['scripts/launch', ...args], { cwd: root, timeout: 100_000 });

it.skipIf(process.platform !== 'linux')(
  'bench:memory --short finds a server that comes back to what it was',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanecast-memory-'));
    try {
      const [json, plot] = ['json', 'svg'].map((kind) => join(folder, `memory.${kind}`));
      await node(['bench/dist/memory.js', '--short', '--streams', '2', '--json', json!, '--plot', plot!]);
      const { totals, verdict, samples } = JSON.parse(readFileSync(json!, 'utf8')) as MemoryReport;
      expect(verdict.faults).toEqual([]);
      expect(totals).toMatchObject({ visits: 18, refused: 0, cameraDeaths: 3 });
      expect(totals.bytes).toBeGreaterThan(100_000);
      expect(Math.max(...samples.map(({ descriptors }) => descriptors))).toBeGreaterThan(
        verdict.counts.descriptors!.last,
      );
      expect(readFileSync(plot!, 'utf8')).toContain('resident memory');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

it('bench:memory --tracker finds the tracker flat', async () => {
  const { stdout } = await node(['bench/dist/memory.js', '--tracker', '--frames', '60000']);
  expect(stdout).toMatch(/60000 frames[^]*flat/);
}, 110_000);
