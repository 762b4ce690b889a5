import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const cli = resolve(import.meta.dirname, '../dist/tracker.js');
const shared = process.env['LANECAST_SHARED'] ?? resolve(import.meta.dirname, '../../../shared');
const golden = resolve(shared, 'golden/bytetrack');
const isMissing = !existsSync(golden);
const folder = mkdtempSync(join(tmpdir(), 'lanecast-tracker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

describe('bench:tracker', () => {
  it.each([
    ['an unknown flag', ['--detektions', 'x.csv'], "unknown option '--detektions'"],
    ['a stray argument', ['x.csv'], 'too many arguments'],
    ['a threshold that is no number', ['--track-thresh', 'high'], "'high' is invalid"],
    ['a file that is not there', ['--detections', join(folder, 'none.csv')], 'cannot read'],
    ['a file that is no CSV', ['--detections', join(folder, 'bad.csv')], 'bad.csv, line 1'],
    ['a frame rate of 0', ['--detections', join(folder, 'empty.csv'), '--frame-rate', '0'], 'frameRate is 0'],
  ])('says one line about %s and exits with 1', (_, args, message) => {
    writeFileSync(join(folder, 'bad.csv'), '1,2,three\n');
    writeFileSync(join(folder, 'empty.csv'), '');
    const { status, stderr, stdout } = run(...args);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(message);
  });

  it('writes the tracks to standard output when it is told no file', () => {
    const path = join(folder, 'one.csv');
    writeFileSync(path, 'frame,x,y,w,h,score\n1,100,50,30,60,0.9\n');
    const { status, stdout } = run('--detections', path);
    expect(status).toBe(0);
    expect(stdout).toBe('1,1,100.0000,50.0000,130.0000,110.0000,0.900000\n');
  });

  it.skipIf(isMissing).each([
    ['t70', '--track-thresh 0.7 --match-thresh 0.8 --track-buffer 30'],
    ['t60b60', '--track-thresh 0.6 --match-thresh 0.9 --track-buffer 60'],
    ['m20', '--track-thresh 0.7 --match-thresh 0.8 --track-buffer 30 --no-fuse-score'],
  ])(
    `writes the reference's file, byte for byte: %s${isMissing ? ' (skipped: no ../shared/golden)' : ''}`,
    (name, flags) => {
      const out = join(folder, `${name}.csv`);
      const detections = join(golden, 'PETS09-S2L1/detections.csv');
      const { status, stderr } = run(
        '--detections',
        detections,
        ...flags.split(' '),
        '--frame-rate',
        '30',
        '--out',
        out,
      );
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(readFileSync(out, 'utf8')).toBe(readFileSync(join(golden, `PETS09-S2L1/tracks.${name}.csv`), 'utf8'));
    },
  );
});
