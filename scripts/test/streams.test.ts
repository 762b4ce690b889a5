import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { RtspServer } from '@lanecast/scripts/rtsp-server/server';
import { probeRtsp } from '@lanecast/scripts/streams/rtsp-probe';
import { startStreams } from '@lanecast/scripts/streams/start-streams';
import { shortClip, temporaryDirectory } from './support/clip.js';
import { until } from './support/wait.js';

const directory = temporaryDirectory();
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function clips(): Promise<string> {
  const cacheDir = join(directory, 'clips');
  await mkdir(cacheDir, { recursive: true });
  await shortClip(cacheDir);
  return cacheDir;
}

async function freePort(): Promise<number> {
  const server = await RtspServer.listen({ port: 0 });
  await server.close();
  return server.port;
}

interface Run {
  output(): string;
  stop(signal: NodeJS.Signals): void;
  /** Exit status and stderr. */
  ended: Promise<{ code: number | null; stderr: string }>;
}

function runStreams(args: string[], env: NodeJS.ProcessEnv = process.env): Run {
  const child = spawn(process.execPath, [join(dist, 'streams.js'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stderr }));
  });
  return { output: () => stdout, stop: (signal) => child.kill(signal), ended };
}

const isUp = (run: Run) => (): boolean => run.output().includes('Ctrl-C');

describe('npm run streams', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('publishes with the embedded server until %s', async (signal) => {
    const port = await freePort();
    const base = `rtsp://127.0.0.1:${port}`;
    const run = runStreams(['--streams', '2', '--clips', await clips(), '--rtsp-base', base]);
    await until('it is up', isUp(run), 20_000);
    expect(run.output()).toContain(`the embedded RTSP server at 127.0.0.1:${port} (no mediamtx on PATH)`);
    for (const name of ['stream0', 'stream1']) {
      expect(run.output()).toContain(`${base}/${name}\n`);
      expect(await probeRtsp(`${base}/${name}`, 'DESCRIBE')).toBe(200);
    }
    expect(await probeRtsp(`${base}/stream2`, 'DESCRIBE')).toBe(404);
    run.stop(signal);
    expect(await run.ended).toEqual({ code: 0, stderr: '' });
    expect(await probeRtsp(base, 'OPTIONS')).toBe('refused');
  });

  it('publishes to a server that runs already, and leaves it running', async () => {
    const server = await RtspServer.listen({ port: 0 });
    cleanups.push(() => server.close());
    const run = runStreams(['--streams', '1', '--clips', await clips(), '--rtsp-base', server.url('')]);
    await until('it is up', isUp(run), 20_000);
    expect(run.output()).toContain(`the RTSP server that runs at 127.0.0.1:${server.port}`);
    expect(server.paths()).toMatchObject([{ path: 'stream0' }]);
    run.stop('SIGINT');
    expect((await run.ended).code).toBe(0);
    await until('the stream is gone', () => server.paths().length === 0);
  });

  it('publishes in process, and says so, where there is no ffmpeg', async () => {
    const env = { HOME: process.env['HOME'], PATH: '/nowhere', FFMPEG_BIN: '/nowhere/ffmpeg' };
    const base = `rtsp://127.0.0.1:${await freePort()}`;
    const run = runStreams(['--streams', '1', '--clips', await clips(), '--rtsp-base', base], env);
    await until('it is up', isUp(run), 20_000);
    // On a machine where ffmpeg-static could download, that is what is found.
    expect(run.output()).toMatch(/FFmpeg's libraries in this process \(no ffmpeg: .*\)|from ffmpeg-static/);
    expect(await probeRtsp(`${base}/stream0`, 'DESCRIBE')).toBe(200);
    run.stop('SIGINT');
    expect((await run.ended).code).toBe(0);
  });

  it('starts MediaMTX when it is on PATH, and ends it', async () => {
    // Stands in for the program: what is tested is how it is started, awaited and ended.
    const bin = join(directory, 'bin');
    await mkdir(bin, { recursive: true });
    const program = join(bin, 'mediamtx');
    const serverModule = JSON.stringify(join(dist, 'rtsp-server/server.js'));
    const script = [
      `#!${process.execPath}`,
      `const config = require('node:fs').readFileSync(process.argv[2], 'utf8');`,
      `const [, host, port] = /^rtspAddress: (.*):(\\d+)$/m.exec(config);`,
      `import(${serverModule}).then(({ RtspServer }) => RtspServer.listen({ host, port: Number(port) }));`,
    ];
    await writeFile(program, `${script.join('\n')}\n`);
    await chmod(program, 0o755);
    const base = `rtsp://127.0.0.1:${await freePort()}`;
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const run = runStreams(['--streams', '1', '--clips', await clips(), '--rtsp-base', base], env);
    await until('it is up', isUp(run), 20_000);
    expect(run.output()).toContain(`MediaMTX (${program})`);
    expect(await probeRtsp(`${base}/stream0`, 'DESCRIBE')).toBe(200);
    run.stop('SIGINT');
    expect(await run.ended).toEqual({ code: 0, stderr: '' });
    expect(await probeRtsp(base, 'OPTIONS')).toBe('refused');
  });

  it.each([
    ['an unknown flag', ['--bad'], "error: unknown option '--bad'\n"],
    ['a count that is none', ['--streams', 'x'], /^error: option '--streams <n>' argument 'x' is invalid\. .*\n$/],
    ['a directory that is not there', ['--clips', '/nowhere'], /^error: Looking for clips in \/nowhere: ENOENT.*\n$/],
    ['no RTSP URL', ['--clips', 'CLIPS', '--rtsp-base', 'http://x'], /^error: Reading an RTSP URL: .*\n$/],
  ])('ends with 1 and one line for %s', async (_, args, message) => {
    const directoryName = await clips();
    const given = args.map((argument) => (argument === 'CLIPS' ? directoryName : argument));
    const { code, stderr } = await runStreams(given).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('ends with 1 and one line when something else holds the port', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => other.close());
    const { port } = other.address() as { port: number };
    const { code, stderr } = await runStreams(['--clips', await clips(), '--rtsp-base', `rtsp://127.0.0.1:${port}`])
      .ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .* the port is in use by something that does not speak RTSP\. .*\n$/);
  });
});

describe('startStreams', () => {
  it('has an embedded server of its own on a free port', async () => {
    const { path } = await shortClip(dirname(await clips()));
    const streams = await startStreams({ count: 3, clips: [path], server: 'embedded', log: () => undefined });
    cleanups.push(() => streams.close());
    expect(streams.urls).toHaveLength(3);
    expect(streams.server.kind).toBe('embedded');
    for (const url of streams.urls) expect(await probeRtsp(url, 'DESCRIBE')).toBe(200);
    await Promise.all([streams.close(), streams.close()]);
    expect(await probeRtsp(streams.urls[0]!, 'OPTIONS')).toBe('refused');
  });
});
