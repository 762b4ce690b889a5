import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStaticFiles } from './static-files.js';

describe('readStaticFiles', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lanecast-static-'));
    mkdirSync(join(directory, 'assets'));
    writeFileSync(join(directory, 'index.html'), '<!doctype html>');
    writeFileSync(join(directory, 'assets', 'index-Ab12.js'), 'export {};');
    writeFileSync(join(directory, 'assets', 'index-Ab12.js.br'), 'compressed');
    writeFileSync(join(directory, 'assets', 'large-Cd34.wasm'), new Uint8Array(1 << 20));
    writeFileSync(join(directory, 'lab.html'), '<!doctype html>');
    writeFileSync(join(directory, 'notes.txt'), 'not for the page');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('serves the page at the root, hashed assets for ever, and nothing of an unknown kind', () => {
    const files = readStaticFiles(directory).map(({ path, contentType, cacheControl }) => [
      path,
      contentType,
      cacheControl,
    ]);
    expect(files.sort()).toEqual([
      ['/', 'text/html; charset=utf-8', 'no-cache'],
      ['/assets/index-Ab12.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
      ['/assets/large-Cd34.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
      ['/lab', 'text/html; charset=utf-8', 'no-cache'],
    ]);
  });

  it('finds what the build compressed, and leaves large files where they are', () => {
    const byPath = new Map(readStaticFiles(directory).map((file) => [file.path, file]));
    expect(byPath.get('/assets/index-Ab12.js')).toMatchObject({ plain: { bytes: 10 }, brotli: { bytes: 10 } });
    expect(byPath.get('/assets/index-Ab12.js')!.brotli!.body!.toString()).toBe('compressed');
    expect(byPath.get('/')!.brotli).toBeNull();
    expect(byPath.get('/assets/large-Cd34.wasm')!.plain).toMatchObject({ body: null, bytes: 1 << 20 });
  });

  it('says how to build a dashboard that is missing', () => {
    expect(() => readStaticFiles(join(directory, 'none'))).toThrow(
      expect.objectContaining({
        code: 'dashboard-missing',
        message: expect.stringContaining('npm run build') as string,
      }),
    );
  });
});
