import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sceneNamed } from './scenes/scenes.js';
import { renderStills } from './stills.js';

const directory = mkdtempSync(join(tmpdir(), 'lanecast-stills-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function render(name: string, seed: number): Promise<string> {
  const outDir = join(directory, name);
  const scene = sceneNamed('overhead');
  const count = await renderStills({ scene, seed, from: 2, to: 4, outDir, widthPx: 320, heightPx: 192 });
  expect(count).toBe(2);
  return outDir;
}

it('writes a JPEG, YOLO labels inside the picture and an occlusion for each; the same for the same seed', async () => {
  const out = await render('a', 5);
  const names = [2, 3].map((number) => `08-overhead-5-00000${number}`);
  expect(readdirSync(join(out, 'images'))).toEqual(names.map((name) => `${name}.jpg`));
  let boxes = 0;
  for (const name of names) {
    expect([...readFileSync(join(out, 'images', `${name}.jpg`)).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    const lines = readFileSync(join(out, 'labels', `${name}.txt`), 'utf8')
      .trimEnd()
      .split('\n');
    const occlusions = readFileSync(join(out, 'occlusion', `${name}.txt`), 'utf8')
      .trimEnd()
      .split('\n');
    expect(occlusions).toHaveLength(lines.length);
    for (const line of lines) {
      const [kind, x, y, w, h] = line.split(' ').map(Number) as [number, number, number, number, number];
      expect([0, 1, 2, 3]).toContain(kind);
      for (const edge of [x - w / 2, x + w / 2, y - h / 2, y + h / 2]) {
        expect(edge).toBeGreaterThan(-1e-5);
        expect(edge).toBeLessThan(1 + 1e-5);
      }
      boxes++;
    }
    for (const share of occlusions) expect(Number(share)).toBeLessThanOrEqual(0.7);
  }
  expect(boxes).toBeGreaterThan(10);

  const again = await render('b', 5);
  const other = await render('c', 6);
  const files = (folder: string): string[] =>
    readdirSync(join(folder, 'labels'))
      .sort()
      .map((name) => readFileSync(join(folder, 'labels', name), 'utf8'));
  expect(files(again)).toEqual(files(out));
  expect(readFileSync(join(again, 'images', `${names[0]!}.jpg`))).toEqual(
    readFileSync(join(out, 'images', `${names[0]!}.jpg`)),
  );
  expect(files(other)).not.toEqual(files(out));
}, 30_000);
