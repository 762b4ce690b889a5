import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { buildFixtureModel } from '@lanecast/models/fixture';

const LAUNCHER = fileURLToPath(new URL('../bin/lanecast', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lanecast-cli-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const model = file('fixture.onnx', buildFixtureModel({ width: 320, height: 192 }));

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** Runs the server as a person would; `onOutput` may end it. */
function lanecast(
  args: string[],
  onOutput?: (out: string, kill: (signal: NodeJS.Signals) => void) => void,
  env = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(LAUNCHER, args, { env: { ...process.env, LANECAST_TOKEN: undefined, ...env } });
    const ended: Ended = { code: null, signal: null, out: '', err: '' };
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.stdout.on('data', (data: Buffer) => {
      ended.out += data.toString();
      onOutput?.(ended.out, (signal) => child.kill(signal));
    });
    child.stderr.on('data', (data: Buffer) => (ended.err += data.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ...ended, code, signal });
    });
  });
}

const nothingThere = ['--streams', '1', '--rtsp-base', 'rtsp://127.0.0.1:9'];

it.each([
  ['set', { UV_THREADPOOL_SIZE: undefined, MALLOC_ARENA_MAX: undefined }, '128 2'],
  ['left as it was given', { UV_THREADPOOL_SIZE: '32', MALLOC_ARENA_MAX: '8' }, '32 8'],
])('the environment that Node must begin with is %s', (_, given, expected) => {
  const environment = join(dirname(LAUNCHER), 'environment');
  const print =
    'process.env.UV_THREADPOOL_SIZE + " " + process.env.MALLOC_ARENA_MAX + " " + process.execArgv.slice(0, -2)';
  const script = `. "${environment}"; exec "${process.execPath}" $LANECAST_NODE_FLAGS -p '${print}'`;
  const { stdout } = spawnSync('sh', ['-c', script], { env: { ...process.env, ...given }, encoding: 'utf8' });
  expect(stdout.trim()).toBe(`${expected} --enable-source-maps,--max-semi-space-size=4`);
  expect(readFileSync(LAUNCHER, 'utf8')).toMatch(/^\. "\$here\/environment"\nexec node \$LANECAST_NODE_FLAGS /m);
});

describe('the command line refuses what it cannot do, in one clear line', () => {
  it.each([
    ['an unknown flag', ['--modle', 'x'], /unknown option '--modle'.*\n?.*--model/],
    ['a flag that is no number', ['--port', 'http'], /must be a number/],
    ['a model that is missing', [...nothingThere, '--model', '/no/such.onnx'], /there is no model \/no\/such\.onnx/],
    ['a model that is not one', [...nothingThere, '--model', file('text.onnx', 'hello')], /text\.onnx/],
    ['a missing configuration', ['--config', '/no/such.yaml'], /cannot read the configuration \/no\/such\.yaml/],
    [
      'a wrong configuration',
      ['--config', file('bad.yaml', 'streams:\n  - {id: a, url: 1}\n')],
      /bad\.yaml:2: streams\.0\.url must be/,
    ],
    [
      'a bind for others without a token',
      [...nothingThere, '--model', model, '--host', '0.0.0.0', '--port', '0'],
      /token/,
    ],
    [
      'CUDA that is not there',
      [...nothingThere, '--model', model, '--ep', 'cuda'],
      /on CUDA was asked.*npm run setup:cuda/,
    ],
    [
      'NVDEC that is not there',
      [...nothingThere, '--model', model, '--decode', 'nvdec'],
      /on NVDEC was asked.*npm run setup:cuda/,
    ],
  ])('%s', async (_, args, expected) => {
    const { code, err, out } = await lanecast(args);
    expect({ code, out: out.includes('watch them at') }).toEqual({ code: 1, out: false });
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/\n\s+at /); // no stack
  });

  it('a port in use', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address() as { port: number };
    const { code, err } = await lanecast([...nothingThere, '--model', model, '--port', String(port)]);
    squatter.close();
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`${port}.*--port`));
  });
});

describe('the running server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly at %s, with code 0', async (signal) => {
    let killedAt = 0;
    const { code, out, err } = await lanecast([...nothingThere, '--model', model, '--port', '0'], (text, kill) => {
      if (killedAt === 0 && text.includes('watch them at')) {
        killedAt = Date.now();
        kill(signal);
      }
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(Date.now() - killedAt).toBeLessThan(5000);
    expect(out).toMatch(/detecting with .* on cpu/);
  });

  it('ends in time, with code 0, also when a thread hangs in native code', async () => {
    let killedAt = 0;
    const hang = fileURLToPath(new URL('hung-thread/hang.mjs', import.meta.url));
    const { code, signal, out } = await lanecast(
      [...nothingThere, '--model', model, '--port', '0'],
      (text, kill) => {
        if (killedAt > 0 || !text.includes('watch them at')) return;
        killedAt = Infinity;
        setTimeout(() => {
          killedAt = Date.now();
          kill('SIGTERM');
        }, 2500);
      },
      { NODE_OPTIONS: `--import=${hang}` },
    );
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(Date.now() - killedAt).toBeLessThan(6000);
    expect(out).toContain('ends as it stands');
  });

  it('keeps passwords and tokens out of its log', async () => {
    const config = file('secret.yaml', 'streams:\n  - {id: a, url: "rtsp://user:hunter2@127.0.0.1:9/x"}\n');
    const { out, err } = await lanecast(
      ['--config', config, '--model', model, '--port', '0', '--log-level', 'trace'],
      (text, kill) => {
        if (text.includes('"stream":"a"')) kill('SIGTERM');
      },
      { LANECAST_TOKEN: 'a-token-of-good-length' },
    );
    expect(out).toContain('"stream":"a"');
    expect(out + err).not.toContain('hunter2');
    expect(out + err).not.toContain('a-token-of-good-length');
  });
});
