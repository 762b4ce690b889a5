import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NVCC_PLACES = [process.env['NVCC'], 'nvcc', '/usr/local/cuda/bin/nvcc'];

/**
 * Code for the first of every major architecture from sm_75 on (it runs on the later ones of its major) and for the
 * newest; and PTX of the oldest and the newest for all others.
 */
function architectureFlags(nvcc) {
  const { status, stdout } = spawnSync(nvcc, ['--list-gpu-arch'], { encoding: 'utf8' });
  if (status !== 0) return ['-gencode=arch=compute_75,code=[sm_75,compute_75]'];
  const all = [...stdout.matchAll(/compute_(\d+)\b/g)].map(([, number]) => Number(number)).filter((n) => n >= 75);
  const known = [...new Set(all)].sort((a, b) => a - b);
  const newest = known.at(-1);
  const wanted = known.filter((n, i) => i === 0 || n === newest || Math.floor(n / 10) > Math.floor(known[i - 1] / 10));
  return wanted.map((n) => {
    const ptx = n === newest || n === wanted[0] ? `,compute_${n}` : '';
    return `-gencode=arch=compute_${n},code=[sm_${n}${ptx}]`;
  });
}

/** Builds `liblanecast_nms_cuda.so` beside the addon; returns a sentence that says how it went. Never throws. */
export function buildCuda(root) {
  const source = join(root, 'cuda', 'nms_cuda.cu');
  const nvcc = NVCC_PLACES.find((path) => path && spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0);
  if (!nvcc) return 'nvcc was not found, so NMS runs on the CPU (CUDA toolkit: https://developer.nvidia.com/cuda).';
  if (!existsSync(source)) return `there is no ${source}, so NMS runs on the CPU.`;
  const directory = join(root, 'build', 'Release');
  const output = join(directory, 'liblanecast_nms_cuda.so');
  const partial = `${output}.partial`;
  mkdirSync(directory, { recursive: true });
  const flags = ['-shared', '-O3', '-std=c++17', '-fmad=false', '-cudart', 'static', '--threads', '2'];
  const host = ['-Xcompiler', '-fPIC,-ffp-contract=off', '-Xlinker', '--exclude-libs=ALL'];
  const command = [...flags, ...host, ...architectureFlags(nvcc), source, '-o', partial];
  const { status, stdout, stderr } = spawnSync(nvcc, command, { encoding: 'utf8' });
  if (status !== 0) {
    rmSync(partial, { force: true });
    return `the CUDA library could not be built, so NMS runs on the CPU:\n${stdout}${stderr}`;
  }
  renameSync(partial, output);
  return 'built the CUDA library.';
}
