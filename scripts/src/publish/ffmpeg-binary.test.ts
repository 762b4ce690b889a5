import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFfmpeg, findOnPath } from './ffmpeg-binary.js';

let directory: string;
let fake: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanecast-ffmpeg-'));
  fake = join(directory, 'ffmpeg');
  await writeFile(fake, '#!/bin/sh\necho "ffmpeg version 9.9-test Copyright"\n');
  await chmod(fake, 0o755);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('findFfmpeg', () => {
  it('prefers FFMPEG_BIN', async () => {
    const { binary, description } = await findFfmpeg({ FFMPEG_BIN: fake, PATH: '' });
    expect(binary).toEqual({ path: fake, source: 'FFMPEG_BIN', version: '9.9-test' });
    expect(description).toBe(`ffmpeg 9.9-test from FFMPEG_BIN: ${fake}`);
  });

  it('says why a candidate was passed over', async () => {
    const { binary, description } = await findFfmpeg({}, [
      { source: 'FFMPEG_BIN', locate: () => Promise.reject(new Error('not set')) },
      { source: 'ffmpeg-static', locate: () => Promise.resolve('/bin/false') },
      { source: 'PATH', locate: () => findOnPath('ffmpeg', { PATH: `/nowhere:${directory}` }) },
    ]);
    expect(binary?.source).toBe('PATH');
    expect(description).toContain('FFMPEG_BIN: not set; ffmpeg-static: /bin/false does not run as ffmpeg');
  });

  it('says what was tried when there is none', async () => {
    const env = { FFMPEG_BIN: join(directory, 'missing'), PATH: '/nowhere' };
    const { binary, description } = await findFfmpeg(env, [
      { source: 'PATH', locate: () => findOnPath('ffmpeg', env) },
    ]);
    expect(binary).toBeNull();
    expect(description).toBe('no ffmpeg: PATH: no ffmpeg on PATH');
  });
});
