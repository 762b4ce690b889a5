import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchFile } from '@lanecast/scripts/videos/fetch-file';
import { inspectVideo } from '@lanecast/scripts/videos/inspect-video';
import { makeClips } from '@lanecast/scripts/videos/make-clips';
import { shortClip, temporaryDirectory } from './support/clip.js';
import { ffmpeg, needsFfmpeg } from './support/ffmpeg.js';

const directory = temporaryDirectory();
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const FILE = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/file`;
}

describe('fetchFile', () => {
  it('goes on where the connection broke, and fetches nothing twice', async () => {
    const ranges: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      const { range } = request.headers;
      ranges.push(range);
      const from = range === undefined ? 0 : Number(/\d+/.exec(range)![0]);
      response.writeHead(range === undefined ? 200 : 206, { 'content-length': FILE.length - from });
      // Broken off only when what was sent can have reached the disk: what is under way then is lost.
      if (range === undefined) response.write(FILE.subarray(0, 2000), () => setTimeout(() => response.destroy(), 200));
      else response.end(FILE.subarray(from));
    });
    const path = join(directory, 'resumed');
    await expect(fetchFile({ url, path, minBytes: 5000 })).rejects.toMatchObject({ code: 'download-failed' });
    await expect(stat(path)).rejects.toThrow('ENOENT');
    expect(await fetchFile({ url, path, minBytes: 5000 })).toBe('fetched');
    expect(await readFile(path)).toEqual(FILE);
    expect(await fetchFile({ url, path, minBytes: 5000 })).toBe('there');
    expect(ranges).toEqual([undefined, 'bytes=2000-']);
  });

  it('refuses an answer that is too small to be the file', async () => {
    const url = await serve((_, response) => response.end('not found, but politely'));
    const path = join(directory, 'small');
    await expect(fetchFile({ url, path, minBytes: 5000 })).rejects.toThrow('only 23 bytes');
    expect(await readdir(directory)).not.toContain('small.part');
  });

  it('says that it needs the internet', async () => {
    const url = await serve((_, response) => response.destroy());
    const failed = fetchFile({ url, path: join(directory, 'none'), minBytes: 1 });
    await expect(failed).rejects.toThrow(/needs the internet.*--from/);
  });
});

describe.skipIf(ffmpeg === null)(`makeClips${needsFfmpeg}`, () => {
  it('cuts clips of the right form, keeps them, and mends a broken one', async () => {
    const video = (await shortClip(directory)).path;
    const out = join(directory, 'videos');
    const lines: string[] = [];
    const videos = [{ path: video, licence: 'CC0', attribution: 'nobody' }];
    const make = () =>
      makeClips({ ffmpeg: ffmpeg!, videos, directory: out, count: 2, log: (line) => void lines.push(line) });

    const [first] = await make();
    expect(await inspectVideo(first!)).toMatchObject({
      isH264: true,
      widthPx: 640,
      heightPx: 360,
      fps: 25,
      frames: 50,
    });
    expect(JSON.parse(await readFile(join(out, 'clips.json'), 'utf8'))).toMatchObject([
      { file: 'clip0.mp4', licence: 'CC0', attribution: 'nobody' },
      { file: 'clip1.mp4' },
    ]);
    await writeFile(first!, 'broken');
    lines.length = 0;
    await make();
    expect(lines).toEqual([expect.stringMatching(/^clip0\.mp4: 2 s from 0 s of /), 'clip1.mp4: there']);
    expect((await readdir(out)).sort()).toEqual(['clip0.mp4', 'clip1.mp4', 'clips.json']);
  });
});
