import { describe, expect, it } from 'vitest';
import { chooseCudaMajor, libraryFindings, loadLibraries } from './libraries.js';
import { type RunProgram, runProgram } from './run-program.js';

/** A machine whose loader finds `present`, and whose Python packages hold `inWheels` in one folder. */
const machine =
  (present: RegExp, inWheels = /^$/): RunProgram =>
  (file, args) => {
    const names = args.slice(2);
    const lines = file.includes('python')
      ? names.filter((name) => inWheels.test(name)).map((name) => `${name}\t/wheels/lib`)
      : names.map((name) => `${name}\t${present.test(name) ? `/usr/lib/${name}` : ''}`);
    return Promise.resolve({ code: 0, stdout: lines.join('\n'), stderr: '' });
  };

describe.skipIf(process.platform !== 'linux')('loadLibraries', () => {
  it('asks the real loader', async () => {
    const loaded = await loadLibraries(runProgram, ['libc.so.6', 'libnothing-of-the-kind.so.1']);
    expect(loaded.get('libc.so.6')).toMatch(/^\/.*libc\.so\.6$/);
    expect(loaded.get('libnothing-of-the-kind.so.1')).toBeNull();
  });
});

describe('chooseCudaMajor', () => {
  it.each([
    [12, /./, 12],
    [13, /\.so\.13/, 13],
    [13, /^$/, 13],
    [13, /./, 13],
    [13, /\.so\.12/, 12],
  ])('driver for CUDA %i, loader finds %s: %i', async (driver, present, expected) => {
    expect(await chooseCudaMajor(machine(present), driver)).toBe(expected);
  });
});

describe('libraryFindings', () => {
  it('says where the libraries come from', async () => {
    const [toolkit, cudnn] = await libraryFindings(machine(/./), 13);
    expect(toolkit).toMatchObject({ verdict: 'ok' });
    expect(cudnn).toEqual({ subject: 'cuDNN', verdict: 'ok', text: 'libcudnn.so.9 from /usr/lib/libcudnn.so.9' });
  });

  it('says which are missing and which packages have them', async () => {
    const [toolkit, cudnn] = await libraryFindings(machine(/cudart/), 12);
    expect(toolkit!.text).not.toContain('cudart');
    expect(toolkit).toMatchObject({ verdict: 'fail', fix: expect.stringContaining('nvidia-cublas-cu12') as string });
    expect(cudnn).toMatchObject({ verdict: 'fail', fix: expect.stringContaining('libcudnn9-cuda-12') as string });
  });

  it('finds those of a Python package and gives the line that makes them loadable', async () => {
    const [, cudnn] = await libraryFindings(machine(/cu(da|bl)|cufft/, /cudnn/), 13);
    expect(cudnn!.fix).toContain('export LD_LIBRARY_PATH=/wheels/lib:$LD_LIBRARY_PATH');
  });
});
