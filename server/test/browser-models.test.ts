import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeModelBytes } from '@lanecast/models/describe';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createMetrics } from '../dist/ops/metrics.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import { BrowserModels } from '../dist/pipeline/browser-models.js';
import { prepareBrowserModels } from '../dist/pipeline/prepare-browser-models.js';
import type { ModelEntry } from '../dist/core/model-entry.js';
import { FakePipeline } from './outputs-fake-pipeline.js';
import { ask, askJson } from './outputs-http-client.js';

const MODELS = join(import.meta.dirname, '../../models');
const EMBEDDED = join(MODELS, 'lanecast-s.onnx');
const TOKEN = 'correct-horse-battery';

let directory: string;
let options: { model: string; width: number; height: number; searchDirs: string[]; cacheDir: string };
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanecast-browser-models-'));
  options = { model: EMBEDDED, width: 640, height: 384, searchDirs: [], cacheDir: join(directory, 'cache') };
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('prepareBrowserModels', () => {
  it('gives the weights of the embedded detector with the rgb head, at three sizes in two precisions', () => {
    const models = prepareBrowserModels(options);
    expect(models.map(({ width, height, precision }) => `${width}x${height} ${precision}`)).toEqual([
      '576x320 fp32',
      '576x320 fp16',
      '416x256 fp32',
      '416x256 fp16',
      '320x192 fp32',
      '320x192 fp16',
    ]);
    expect(models.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    for (const { path, sha256, bytes, url, width, height, precision } of models) {
      const file = readFileSync(path);
      expect(file).toHaveLength(bytes);
      expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
      expect(url).toBe(`/models/${sha256}.onnx`);
      expect(describeModelBytes(file)).toMatchObject({ kind: 'pipeline', head: 'rgb', width, height, precision });
    }
  });

  it('takes an export as it is, at the size that the server was told', () => {
    const [first] = prepareBrowserModels({ ...options, model: join(MODELS, 'source/lanecast-s.onnx') });
    expect(first).toMatchObject({
      width: 640,
      height: 384,
      isDefault: true,
      classes: ['car', 'motorcycle', 'bus', 'truck'],
    });
  });

  it('refuses to serve other weights than those of the server', () => {
    const alone = join(directory, 'mine.onnx');
    copyFileSync(EMBEDDED, alone);
    const unavailable = expect.objectContaining({ code: 'models-unavailable' }) as Error;
    expect(() => prepareBrowserModels({ ...options, model: alone })).toThrow(unavailable);
    // An export that the server's file was not made from.
    mkdirSync(join(directory, 'source'));
    const other = readFileSync(join(MODELS, 'source/lanecast-s.onnx'));
    const at = Math.floor(other.length / 2);
    other[at] = other[at]! ^ 1;
    writeFileSync(join(directory, 'source/mine.onnx'), other);
    expect(() => prepareBrowserModels({ ...options, model: alone })).toThrow(unavailable);
  });
});

describe('the model routes', () => {
  let server: HttpServer | null = null;
  let pipeline: FakePipeline;
  async function start(token?: string, model: string | null = EMBEDDED): Promise<string> {
    pipeline = new FakePipeline([{ id: 'north', rgb: 0x304878 }]);
    server = await createHttpServer({
      pipeline,
      config: {
        server: { host: '127.0.0.1', port: 0, allowedHosts: [], ...(token !== undefined && { token }) },
        mjpeg: { width: 640, height: 360, maxFps: 12, quality: 60 },
      },
      logger: pino({ level: 'silent' }),
      createMetrics,
      models: new BrowserModels(model === null ? null : { ...options, model }),
    });
    return server.url;
  }
  afterEach(async () => {
    await server?.close();
    pipeline.close();
    server = null;
  });

  it('serves each model under its digest, for ever', async () => {
    const url = await start();
    const { json } = await askJson(`${url}/api/models`);
    const list = json as unknown as ModelEntry[];
    expect(list).toHaveLength(6);
    expect(JSON.stringify(list)).not.toContain(directory);
    const entry = list[4]!;
    const { status, headers, body } = await ask(url + entry.url);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-length': String(entry.bytes),
      'content-type': 'application/octet-stream',
      'cache-control': 'private, max-age=31536000, immutable',
      etag: `"${entry.sha256}"`,
    });
    expect(createHash('sha256').update(body).digest('hex')).toBe(entry.sha256);
    const again = await ask(url + entry.url, { headers: { 'If-None-Match': `"${entry.sha256}"` } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('knows no other files', async () => {
    const url = await start();
    for (const name of ['x.onnx', `${'0'.repeat(64)}.onnx`, '..%2f..%2fpackage.json', '%2e%2e%2fpackage.json']) {
      const { status, json } = await askJson(`${url}/models/${name}`);
      expect([name, status, (json as { code: string }).code]).toEqual([name, 404, 'model-unknown']);
    }
  });

  it('wants the token, as everything does that shows what the server has', async () => {
    const url = await start(TOKEN);
    expect((await ask(`${url}/api/models`)).status).toBe(401);
    expect((await ask(`${url}/models/${'0'.repeat(64)}.onnx`)).status).toBe(401);
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await ask(`${url}/api/models`, { headers })).status).toBe(200);
  });

  it('says what to do where there is no model, or none for browsers', async () => {
    const url = await start(undefined, null);
    const answer = await askJson(`${url}/api/models`);
    expect(answer).toMatchObject({ status: 503, json: { code: 'models-unavailable' } });
    expect((answer.json as { detail: string }).detail).toContain('--model');
  });

  it('never sends half a file under a digest: a cache that was damaged is prepared again', async () => {
    const url = await start();
    const list = (await askJson(`${url}/api/models`)).json as unknown as ModelEntry[];
    const damaged = prepareBrowserModels(options)[0]!;
    truncateSync(damaged.path, 1000);
    expect((await ask(url + list[0]!.url)).status).toBe(503);
    expect((await ask(url + list[0]!.url)).body).toHaveLength(list[0]!.bytes);
  });
});
