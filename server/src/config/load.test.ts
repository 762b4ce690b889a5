import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LanecastError } from '../core/errors.js';
import { loadConfig } from './flags.js';
import { readConfigFile, validateConfig } from './load.js';

const directory = mkdtempSync(join(tmpdir(), 'lanecast-config-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

let files = 0;
function yaml(text: string): string {
  const file = join(directory, `${files++}.yaml`);
  writeFileSync(file, text);
  return file;
}

function failure(action: () => unknown): LanecastError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(LanecastError);
    return error as LanecastError;
  }
  throw new Error('it did not fail');
}

const load = (file: string) => {
  const { raw, locate } = readConfigFile(file);
  return validateConfig(raw, locate);
};

describe('configuration', () => {
  it('fills in the defaults', () => {
    const config = loadConfig(['--streams', '2'], {});
    expect(config.streams).toEqual([
      { id: 'stream0', url: 'rtsp://127.0.0.1:8554/stream0' },
      { id: 'stream1', url: 'rtsp://127.0.0.1:8554/stream1' },
    ]);
    expect(config.server).toEqual({ host: '127.0.0.1', port: 8080, allowedHosts: [] });
    expect(config.speed.scaleMPerPx).toBe(0.05);
    expect(config.ingest.transport).toBe('tcp');
  });

  it('reads eight streams when nothing is said', () => {
    expect(loadConfig([], {}).streams).toHaveLength(8);
  });

  it('lets flags win over the environment and the file', () => {
    const file = yaml('streams:\n  - {id: gate, url: "rtsp://h/a"}\nserver: {port: 9000, host: 127.0.0.2}\n');
    const config = loadConfig(['--config', file, '--port', '9001'], { LANECAST_TOKEN: 'sixteen-characters' });
    expect(config.server).toMatchObject({ port: 9001, host: '127.0.0.2', token: 'sixteen-characters' });
    expect(config.streams[0]!.id).toBe('gate');
  });

  it('names the line of a wrong value', () => {
    const file = yaml('streams:\n  - id: a\n    url: rtsp://h/a\nserver:\n  port: 123456\n');
    expect(failure(() => load(file)).message).toBe(`${file}:5: server.port must be <=65535 (it is 123456)`);
  });

  it('suggests the setting that was meant', () => {
    const file = yaml('streams:\n  - {id: a, url: "rtsp://h/a"}\nserver: {prot: 1}\n');
    expect(failure(() => load(file)).message).toBe(
      `${file}:3: server.prot is not a known setting (did you mean "port"?)`,
    );
  });

  it.each([
    ['streams: []', /streams must name at least one stream/],
    ['{}', /streams is missing/],
    ['streams: [{id: a, url: "http://h/a"}]', /streams\.0\.url must be an RTSP address/],
    ['streams: [{id: "../etc", url: "rtsp://h/a"}]', /streams\.0\.id must be 1-64 letters/],
    ['streams: [{id: a, url: "rtsp://h/a"}, {id: a, url: "rtsp://h/b"}]', /must not use one id twice/],
    ['streams: [{id: a, url: "rtsp://h/a"}]\nserver: {token: short}', /server\.token must have at least 16 characters/],
    ['streams: [{id: a, url: "rtsp://h/a"}]\ndetector: {width: 650}', /detector\.width must be a multiple of 32/],
  ])('refuses %j', (text, expected) => {
    const error = failure(() => load(yaml(text)));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toMatch(expected);
  });

  it('never repeats a value that may be a secret', () => {
    const error = failure(() =>
      load(yaml('streams: [{id: a, url: "http://user:hunter2@h/a"}]\nserver: {token: hunter2}')),
    );
    expect(error.message).not.toContain('hunter2');
  });

  it('says where the YAML is broken', () => {
    const file = yaml('streams:\n  - id: "a\n');
    const error = failure(() => load(file));
    expect(error.code).toBe('config-syntax');
    expect(error.message).toContain(`${file}:`);
  });

  it('says that a file is missing', () => {
    expect(failure(() => readConfigFile(join(directory, 'none.yaml'))).code).toBe('config-unreadable');
  });

  it('refuses two sources of streams', () => {
    const file = yaml('streams: [{id: a, url: "rtsp://h/a"}]');
    expect(failure(() => loadConfig(['--config', file, '--streams', '2'], {})).code).toBe('flag-invalid');
  });
});
