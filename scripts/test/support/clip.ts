import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { syntheticClip, type SyntheticClip, type SyntheticClipOptions } from '@lanecast/scripts/clips/synthetic-clip';

/** A directory of its own for one test file, removed at its end. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanecast-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A clip of 2 s with one box, small and quick to make; several loops fit into a test. */
export function shortClip(cacheDir: string, options: SyntheticClipOptions = {}): Promise<SyntheticClip> {
  const box = { widthPx: 60, heightPx: 40, axis: 'x', lanePx: 70, phase: 0.2, luma: 220 } as const;
  const boxes = [{ ...box, speedPxPerS: 200 }];
  return syntheticClip({ widthPx: 320, heightPx: 180, durationS: 2, boxes, cacheDir, ...options });
}
