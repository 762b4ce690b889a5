import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from './support/clip.js';

const script = fileURLToPath(new URL('../setup-system', import.meta.url));
const directory = temporaryDirectory();
const bin = join(directory, 'bin');
const calls = join(directory, 'calls');

/** A PATH with nothing but what the script itself needs. */
beforeEach(async () => {
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin);
  for (const [name, path] of [
    ['sed', '/bin/sed'],
    ['id', '/usr/bin/id'],
    ['env', '/usr/bin/env'],
    ['grep', '/bin/grep'],
  ] as const) {
    await symlink(path, join(bin, name));
  }
  await writeFile(calls, '');
});

async function program(name: string, body = ''): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(bin, name), 0o755);
}

function run(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile('/bin/sh', [script, ...args], { env: { PATH: bin } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

describe('scripts/setup-system', () => {
  it('installs what is missing, each package once, after fetching the lists', async () => {
    await program('apt-get', `echo "apt-get $*" >> ${calls}`);
    await program('sudo', 'exec "$@"');
    await program('ffmpeg');
    await program('python3');
    const { code, output } = await run();
    expect(output).toMatch(/ok {7}ffmpeg/);
    expect(output).toMatch(/missing {2}cmake/);
    expect(code).toBe(0);
    expect(await readFile(calls, 'utf8')).toBe(
      'apt-get update\napt-get install -y --no-install-recommends chromium build-essential cmake\n',
    );
  });

  it('does nothing where everything is there', async () => {
    for (const name of ['ffmpeg', 'chromium-browser', 'c++', 'make', 'cmake', 'python3']) await program(name);
    await program('apt-get', `echo "apt-get $*" >> ${calls}`);
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('nothing to do') as string });
    expect(await readFile(calls, 'utf8')).toBe('');
  });

  it('only reports with --check', async () => {
    await program('apt-get', `echo "apt-get $*" >> ${calls}`);
    const { code, output } = await run('--check');
    expect(code).toBe(1);
    expect(output).toContain('To install: ffmpeg chromium build-essential cmake python3');
    expect(await readFile(calls, 'utf8')).toBe('');
  });

  it('leaves out with --server what only tests and the demo need', async () => {
    const { code, output } = await run('--server', '--check');
    expect(code).toBe(1);
    expect(output).toContain('To install: build-essential cmake python3 (');
  });

  it('lists the packages where there is no apt', async () => {
    const { code, output } = await run();
    expect(code).toBe(1);
    expect(output).toContain('this system has no apt');
    expect(output).toContain('ffmpeg chromium build-essential cmake python3');
  });

  it('refuses what it does not know', async () => {
    expect(await run('--bad')).toMatchObject({
      code: 1,
      output: expect.stringContaining('unknown option --bad') as string,
    });
  });
});
