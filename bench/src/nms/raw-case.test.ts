import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFloats, runRawCase, writeRawCase, type RawCaseResult } from './raw-case.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'lanecast-raw-case-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function floats(name: string, values: number[]): string {
  const path = join(directory, name);
  writeFileSync(path, Float32Array.from(values));
  return path;
}

describe('a case from raw files', () => {
  it('is suppressed and written', () => {
    const boxesPath = floats('boxes', [0, 0, 10, 10, 1, 1, 11, 11, 50, 50, 60, 60]);
    const scoresPath = floats('scores', [0.5, 0.9, 0.7]);
    const result = runRawCase({ boxesPath, scoresPath, iouThreshold: 0.5, backend: 'typescript', runs: 3 });
    expect(result).toMatchObject({ boxes: 3, backend: 'typescript', kept: [1, 2], kernel: null });
    expect(result.endToEnd.runs).toBe(3);
    const out = join(directory, 'out.json');
    writeRawCase(out, result);
    expect((JSON.parse(readFileSync(out, 'utf8')) as RawCaseResult).kept).toEqual([1, 2]);
  });

  it('leaves out what scores too low', () => {
    const boxesPath = floats('boxes', [0, 0, 10, 10, 50, 50, 60, 60]);
    const scoresPath = floats('scores', [0.5, 0.2]);
    const options = { boxesPath, scoresPath, iouThreshold: 0.5, scoreThreshold: 0.3, runs: 1 } as const;
    expect(runRawCase({ ...options, backend: 'typescript' }).kept).toEqual([0]);
  });

  it('says what is wrong with the files', () => {
    const boxesPath = floats('boxes', [0, 0, 10, 10]);
    const scoresPath = floats('scores', [0.5, 0.2]);
    const run = (boxes: string) => () =>
      runRawCase({ boxesPath: boxes, scoresPath, iouThreshold: 0.5, backend: 'typescript', runs: 1 });
    expect(run(boxesPath)).toThrow(/has 1 boxes, but .* has 2 scores/);
    expect(run(floats('odd', [1, 2, 3]))).toThrow(/12 bytes.*16 bytes/);
    expect(run(join(directory, 'missing'))).toThrow(/cannot read .*missing/);
    expect(() => readFloats(floats('three', [1, 2, 3]), 1)).not.toThrow();
  });
});
