import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildFixtureModel } from '@lanecast/models/fixture';
import { JpegEncoder } from '@lanecast/server/outputs/mjpeg/jpeg-encoder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = resolve(import.meta.dirname, '../dist/quality.js');
const folder = mkdtempSync(join(tmpdir(), 'lanecast-quality-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WIDTH = 640;
const HEIGHT = 384;
const run = (...args: string[]) => spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

/** Class, and the top left corner, of bright rectangles of the fixture's sizes: 32 x 20 (car) and 64 x 36 (truck). */
type Rectangle = [classIndex: 0 | 3, x: number, y: number];
const SIZES = { 0: [32, 20], 3: [64, 36] } as const;

function writePicture(name: string, rectangles: readonly Rectangle[]): void {
  const picture = Buffer.alloc((WIDTH * HEIGHT * 3) / 2, 40).fill(128, WIDTH * HEIGHT);
  const labels = rectangles.map(([classIndex, x, y]) => {
    const [width, height] = SIZES[classIndex];
    for (let row = y; row < y + height; row++) picture.fill(230, row * WIDTH + x, row * WIDTH + x + width);
    return `${classIndex} ${(x + width / 2) / WIDTH} ${(y + height / 2) / HEIGHT} ${width / WIDTH} ${height / HEIGHT}`;
  });
  const encoder = new JpegEncoder(WIDTH, HEIGHT, 95);
  writeFileSync(join(folder, `images/${name}.jpg`), new Uint8Array(encoder.encode(picture)));
  encoder.close();
  writeFileSync(join(folder, `labels/${name}.txt`), labels.join('\n'));
}

describe('bench:quality', () => {
  beforeAll(() => {
    for (const kind of ['images', 'labels', 'occlusion']) mkdirSync(join(folder, kind));
    writeFileSync(join(folder, 'fixture.onnx'), buildFixtureModel());
    writePicture('day_1', [
      [0, 100, 60],
      [3, 300, 200],
    ]);
    writePicture('day_2', [[0, 500, 300]]);
    writePicture('night_1', [[0, 40, 40]]);
    writeFileSync(
      join(folder, 'val.txt'),
      ['day_1', 'day_2', 'night_1'].map((name) => `images/${name}.jpg\n`).join(''),
    );
  });

  it('measures a detector that finds everything, and writes what it printed', () => {
    const json = join(folder, 'out.json');
    const model = join(folder, 'fixture.onnx');
    const { status, stdout, stderr } = run('--set', folder, '--model', model, '--speed', '3', '--json', json);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/bright rectangles 640x384 +vehicle +4 +1\.000/);
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      results: {
        vehicle: object;
        classes: Record<string, object>;
        parts: Record<string, object>;
        speed: { runs: number; minMs: number; medianMs: number };
      }[];
    };
    const [result] = report.results;
    expect(result!.vehicle).toMatchObject({ ap50: 1, truths: 4 });
    expect(result!.classes).toMatchObject({
      car: { ap50: 1, truths: 3 },
      truck: { ap50: 1, truths: 1 },
      bus: { ap50: null },
    });
    const { runs, minMs, medianMs } = result!.speed;
    expect(runs).toBe(3);
    expect(minMs).toBeGreaterThan(0);
    expect(medianMs).toBeGreaterThanOrEqual(minMs);
    expect(result!.parts).toMatchObject({ day: { truths: 3 }, night: { truths: 1 } });
  });

  it('does not ask for what is hidden or small', () => {
    writeFileSync(join(folder, 'occlusion/day_1.txt'), '0.8\n0.2\n');
    const args = ['--set', folder, '--model', join(folder, 'fixture.onnx')];
    expect(run(...args).stdout).toMatch(/vehicle +3 +1\.000/);
    expect(run(...args, '--min-side', '21').stdout).toMatch(/vehicle +1 +1\.000/);
  });

  it.each([
    ['a missing set', ['--set', join(folder, 'none'), '--model', 'x'], 'cannot read the split'],
    ['a missing model', ['--set', folder, '--model', 'no-such-model'], 'there is no model no-such-model'],
    ['an unknown flag', ['--set', folder, '--model', 'x', '--fast'], "unknown option '--fast'"],
  ])('says one line about %s and exits with 1', (_, args, message) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(message);
  });

  it('says which picture is no JPEG', () => {
    writeFileSync(join(folder, 'images/bad.jpg'), 'not a picture');
    writeFileSync(join(folder, 'bad.txt'), 'images/bad.jpg\n');
    const { status, stderr } = run('--set', folder, '--split', 'bad.txt', '--model', join(folder, 'fixture.onnx'));
    expect(status).toBe(1);
    expect(stderr).toContain(join(folder, 'images/bad.jpg'));
  });
});
