import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { describeModel } from '../dist/describe.js';
import type { ModelError } from '../dist/errors.js';
import { buildFixtureModel } from '../dist/fixture.js';
import { resolveModel } from '../dist/resolve.js';
import { MISSING, STOCK } from './support.js';

const PREPARE = join(import.meta.dirname, '../dist/prepare.js');
const root = mkdtempSync(join(tmpdir(), 'lanecast-models-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = root;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'test-'));
});

const OPTIONS = { height: 192, width: 320, precision: 'fp32' } as const;

function errorOf(run: () => unknown): ModelError {
  try {
    run();
  } catch (error) {
    return error as ModelError;
  }
  throw new Error('it did not fail');
}

describe('resolveModel', () => {
  it('uses a pipeline model as it is, by path or by name', () => {
    const path = join(folder, 'tiny-1.2.onnx');
    writeFileSync(path, buildFixtureModel({ width: 64, height: 32 }));
    const cacheDir = join(folder, 'cache');
    for (const name of [path, 'tiny-1.2']) {
      const resolved = resolveModel(name, { ...OPTIONS, cacheDir, searchDirs: [folder] });
      expect(resolved).toMatchObject({ path, prepared: false, description: { width: 64, height: 32 } });
    }
    expect(readdirSync(folder)).toEqual(['tiny-1.2.onnx']);
  });

  it('says where it looked', () => {
    const error = errorOf(() => resolveModel('nothing', { ...OPTIONS, searchDirs: ['/a', '/b'] }));
    expect(error.code).toBe('model-missing');
    expect(error.message).toBe('there is no model nothing (looked for nothing, /a/nothing.onnx, /b/nothing.onnx)');
  });
});

describe.skipIf(MISSING.includes('models'))(
  `with a stock export${MISSING && ` (skipped if models are missing: ${MISSING})`}`,
  () => {
    it('prepares it once for each set of options', () => {
      const export_ = join(folder, 'yolov8n.onnx');
      copyFileSync(STOCK, export_);
      const cacheDir = join(folder, 'cache');
      const first = resolveModel(export_, { ...OPTIONS, cacheDir });
      expect(first).toMatchObject({
        prepared: true,
        description: { kind: 'pipeline', source: 'yolov8n', head: 'nv12', precision: 'fp32', width: 320, height: 192 },
      });
      const writtenAtMs = statSync(first.path).mtimeMs;
      const again = resolveModel(export_, { ...OPTIONS, cacheDir });
      expect(again).toEqual({ ...first, prepared: false });
      expect(statSync(again.path).mtimeMs).toBe(writtenAtMs);

      const smaller = resolveModel(export_, { ...OPTIONS, width: 256, cacheDir });
      expect(smaller).toMatchObject({ prepared: true, description: { width: 256 } });
      expect(readdirSync(cacheDir).sort()).toEqual(
        [first.path, smaller.path].map((p) => p.slice(cacheDir.length + 1)).sort(),
      );
    });

    it('is prepared from the command line', () => {
      const out = join(folder, 'out.onnx');
      const said = execFileSync(
        process.execPath,
        [
          PREPARE,
          '--from',
          STOCK,
          '--out',
          out,
          '--head',
          'rgb',
          '--precision',
          'fp16',
          '--height',
          '192',
          '--width',
          '320',
          '--class',
          'vehicle=car,bus,truck',
        ],
        { encoding: 'utf8' },
      );
      expect(said).toContain('yolov8n, rgb fp16, 320 x 192, 1260 boxes, classes vehicle; licence: AGPL-3.0');
      expect(describeModel(out)).toMatchObject({ kind: 'pipeline', classes: ['vehicle'], colourMatrix: 'none' });
    });

    it('is refused at a size that is not a multiple of 32, in one line', () => {
      const { status, stderr } = spawnSync(
        process.execPath,
        [PREPARE, '--from', STOCK, '--out', join(folder, 'x.onnx'), '--height', '360'],
        { encoding: 'utf8' },
      );
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'prepare: height 360: use a multiple of 32 from 32 to 4096\n',
      });
      expect(readdirSync(folder)).toEqual([]);
    });
  },
);

describe('the command line', () => {
  it.each([
    ['a missing file', ['--from', '/nowhere.onnx'], 'prepare: cannot read the model file /nowhere.onnx (ENOENT)\n'],
    ['a file that is no model', ['--from', import.meta.filename], 'prepare: not an ONNX model\n'],
  ])('refuses %s in one line', (_, args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [PREPARE, ...args, '--out', join(folder, 'x.onnx')], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: message });
  });
});
