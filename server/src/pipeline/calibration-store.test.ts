import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Calibration } from '../config/calibration.js';
import { CalibrationStore } from './calibration-store.js';

const SCALE: Calibration = { scaleMPerPx: 0.03 };
const ROAD: Calibration = {
  points: [
    { image: [100, 300], ground: [0, 0] },
    { image: [500, 300], ground: [7.5, 0] },
    { image: [380, 150], ground: [7.5, 40] },
    { image: [250, 150], ground: [0, 40] },
  ],
  imageSize: [640, 360],
};

let root: string;
let directory: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanecast-state-'));
  directory = join(root, 'deep', 'lanecast');
  file = join(directory, 'calibration.json');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('CalibrationStore', () => {
  it('keeps what was set, for the next start', async () => {
    const store = new CalibrationStore(directory);
    expect(store.get('a')).toBeUndefined();
    await store.set('a', SCALE);
    await store.set('b', ROAD);
    await store.set('gone', SCALE);
    await store.set('gone', null);
    const next = new CalibrationStore(directory);
    expect([next.get('a'), next.get('b'), next.get('gone')]).toEqual([SCALE, ROAD, undefined]);
    expect(next.notices).toEqual([]);
    expect(readdirSync(directory)).toEqual(['calibration.json']);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('writes nothing before something is set, nor where there is no directory', async () => {
    const store = new CalibrationStore(directory);
    await store.set('a', null);
    expect(existsSync(directory)).toBe(false);
    const forgetful = new CalibrationStore(null);
    expect(forgetful.persistent).toBe(false);
    await forgetful.set('a', SCALE);
    expect(forgetful.get('a')).toBeUndefined();
  });

  it('keeps all of many settings at once, the last one of each stream', async () => {
    const store = new CalibrationStore(directory);
    const ids = Array.from({ length: 20 }, (_, i) => `s${i}`);
    await Promise.all([...ids, ...ids].map((id, i) => store.set(id, { scaleMPerPx: 1 + i })));
    const next = new CalibrationStore(directory);
    expect(ids.map((id) => next.get(id))).toEqual(ids.map((_, i) => ({ scaleMPerPx: 21 + i })));
  });

  it('says so when it cannot save, changes nothing, and saves again when it can', async () => {
    const store = new CalibrationStore(directory);
    await store.set('a', SCALE);
    const before = readFileSync(file, 'utf8');
    // A directory in the temporary file's place fails for every user, root too.
    mkdirSync(`${file}.${process.pid}.tmp`);
    await expect(store.set('a', ROAD)).rejects.toMatchObject({
      code: 'calibration-not-saved',
      message: expect.stringMatching(/calibration\.json .*was not changed.*--state-dir/) as string,
    });
    expect(store.get('a')).toEqual(SCALE);
    expect(readFileSync(file, 'utf8')).toBe(before);
    rmSync(`${file}.${process.pid}.tmp`, { recursive: true });
    await store.set('a', ROAD);
    expect(new CalibrationStore(directory).get('a')).toEqual(ROAD);
  });

  it('says so when the directory cannot be made', async () => {
    writeFileSync(join(root, 'file'), '');
    const store = new CalibrationStore(join(root, 'file', 'below'));
    await expect(store.set('a', SCALE)).rejects.toMatchObject({ code: 'calibration-not-saved' });
  });

  it.skipIf(process.getuid?.() === 0)('leaves a file alone that it may not read (skipped for root)', async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, '{"version":1,"streams":{}}');
    chmodSync(file, 0);
    const store = new CalibrationStore(directory);
    expect(store.notices).toEqual([expect.stringMatching(/cannot be read/)]);
    await expect(store.set('a', SCALE)).rejects.toMatchObject({ code: 'calibration-not-saved' });
  });

  it.each([
    ['empty', ''],
    ['cut short', '{"version":1,"streams":{"a":{"scaleMPe'],
    ['of another version', '{"version":2,"streams":{}}'],
    ['of another shape', '[]'],
    ['with a calibration that is none', '{"version":1,"streams":{"a":{"scaleMPerPx":-1}}}'],
    [
      'with points on one line',
      JSON.stringify({
        version: 1,
        streams: { a: { points: ROAD.points.map(({ ground }) => ({ image: [5, ground[1]], ground })) } },
      }),
    ],
  ])('sets a file aside that is %s, and begins anew', async (_, text) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, text);
    writeFileSync(`${file}.damaged`, 'an older one');
    const store = new CalibrationStore(directory);
    expect(store.get('a')).toBeUndefined();
    expect(store.notices).toEqual([
      expect.stringMatching(/calibration\.json are damaged \(.+\).* renamed to .*calibration\.json\.damaged\.2:/),
    ]);
    expect(readFileSync(`${file}.damaged.2`, 'utf8')).toBe(text);
    await store.set('a', SCALE);
    expect(new CalibrationStore(directory).get('a')).toEqual(SCALE);
  });
});
