import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFixtureModel } from '@lanecast/models/fixture';
import { afterAll, describe, expect, it } from 'vitest';
import { CATALOGUE, type CatalogueEntry } from '../dist/models/catalogue.js';
import { fetchModel } from '../dist/models/install-model.js';

const folder = mkdtempSync(join(tmpdir(), 'lanecast-models-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const bytes = buildFixtureModel({ width: 320, height: 192 });
const entry: CatalogueEntry = {
  name: 'fixture',
  url: 'https://example.invalid/fixture.onnx',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  minBytes: 100,
  notice: '',
};
const serve = (body: Uint8Array) => () => Promise.resolve(new Response(Buffer.from(body)));

function command(args: string[]): Promise<{ code: number; out: string; err: string }> {
  const script = fileURLToPath(new URL('../dist/fetch-models.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe('fetching a model', () => {
  it('keeps a file with the pinned hash, and does not fetch it twice', async () => {
    const directory = join(folder, 'good');
    const first = await fetchModel(entry, directory, serve(bytes));
    expect(first).toMatchObject({ fetched: true, description: { kind: 'pipeline' } });
    const again = await fetchModel(entry, directory, () => Promise.reject(new Error('not to be called')));
    expect(again.fetched).toBe(false);
  });

  it('refuses another file and does not keep it', async () => {
    const directory = join(folder, 'bad');
    const other = buildFixtureModel({ width: 640, height: 192 });
    await expect(fetchModel(entry, directory, serve(other))).rejects.toMatchObject({ code: 'model-hash' });
    expect(existsSync(join(directory, 'fixture.onnx'))).toBe(false);
  });

  it('says what to do without the internet', async () => {
    const offline = fetchModel(entry, join(folder, 'off'), () => Promise.reject(new Error('offline')));
    await expect(offline).rejects.toMatchObject({
      code: 'download-failed',
      message: /needs the internet.*--from FILE/,
    });
  });

  it('pins every model of the catalogue by a whole hash', () => {
    for (const { sha256, url } of CATALOGUE) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(url).toMatch(/^https:/);
    }
  });
});

describe('models:fetch --from', () => {
  it('installs a model under its name', async () => {
    const file = join(folder, 'mine.onnx');
    writeFileSync(file, bytes);
    const { code, out } = await command(['--from', file, '--out', join(folder, 'out')]);
    expect(code).toBe(0);
    expect(out).toContain('--model mine');
    expect(readFileSync(join(folder, 'out', 'mine.onnx')).equals(Buffer.from(bytes))).toBe(true);
  });

  it('refuses what is no model, in one line', async () => {
    const file = join(folder, 'text.onnx');
    writeFileSync(file, 'hello');
    const { code, err } = await command(['--from', file, '--out', join(folder, 'out')]);
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
