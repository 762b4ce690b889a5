import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '@lanecast/server/core/errors';
import { cudaMissingReason, nativeLibraryDirectory } from '@lanecast/server/detect/execution-provider';
import type { Finding } from '../doctor/check.js';
import type { CudaMajor } from './libraries.js';
import type { RunProgram } from './run-program.js';

/**
 * Microsoft's own libraries of ONNX Runtime 1.29.0 for CUDA 13, which the npm package of a Unity binding carries: they
 * come from the registry alone, while ONNX Runtime's script (which knows CUDA 12 only) downloads from NuGet.
 */
const CUDA_13_PACKAGE = 'com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9';
const CUDA_13_FOLDER = join('com.github.asus4.onnxruntime.linux-x64-gpu', 'Plugins', 'Linux', 'x64');
const CUDA_13_VERSION = '1.29.0';
const LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];
const INSTALL_TIMEOUT_MS = 30 * 60_000;
const subject = 'CUDA provider';

function packageRoot(): string {
  return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
}

export function onnxRuntimeVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** Looks only. */
export function providerFinding(reason: string | null = cudaMissingReason()): Finding {
  if (reason === null) return { subject, verdict: 'ok', text: `in place, for ONNX Runtime ${onnxRuntimeVersion()}` };
  return { subject, verdict: 'fail', text: reason, fix: 'npm run setup:cuda' };
}

/** Installs the provider for this CUDA unless one is there. */
export async function installProvider(run: RunProgram, major: CudaMajor): Promise<Finding> {
  if (cudaMissingReason() === null) return providerFinding();
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      subject,
      verdict: 'fail',
      text: `there is none for ${process.platform} ${process.arch}`,
      fix: 'use x86-64 Linux for CUDA; detection on the CPU works here',
    };
  }
  const problem = await (major === 13 ? installFromNpm(run) : installByScript(run)).catch(messageOf);
  if (problem !== null) return { subject, verdict: 'fail', ...explain(problem, major) };
  return { ...providerFinding(), ...(cudaMissingReason() === null && { text: `installed for CUDA ${major}` }) };
}

function explain(problem: string, major: CudaMajor): Pick<Finding, 'text' | 'fix'> {
  const source = major === 13 ? 'the npm registry' : 'api.nuget.org';
  return {
    text: `installing failed: ${problem}`,
    fix: `check that ${source} can be reached, then npm run setup:cuda again`,
  };
}

/** Returns the problem, or null. */
async function installFromNpm(run: RunProgram): Promise<string | null> {
  const version = onnxRuntimeVersion();
  if (version !== CUDA_13_VERSION)
    return `onnxruntime-node is ${version}, but the provider for CUDA 13 is for ${CUDA_13_VERSION}: npm install onnxruntime-node@${CUDA_13_VERSION}`;
  const target = nativeLibraryDirectory();
  if (!target) return cudaMissingReason();
  const folder = mkdtempSync(join(tmpdir(), 'lanecast-cuda-'));
  try {
    const flags = ['--prefix', folder, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    const answer = await run('npm', ['install', ...flags, CUDA_13_PACKAGE], {
      cwd: folder,
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
    if (answer.code !== 0) return lastLine(answer.stderr) || 'npm install failed';
    for (const library of LIBRARIES) {
      const from = join(folder, 'node_modules', CUDA_13_FOLDER, library);
      if (!existsSync(from)) return `${CUDA_13_PACKAGE} does not hold ${library}`;
      copyFileSync(from, join(target, library));
    }
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function installByScript(run: RunProgram): Promise<string | null> {
  const script = join(packageRoot(), 'script', 'install.js');
  const answer = await run(process.execPath, [script], {
    cwd: packageRoot(),
    environment: { ONNXRUNTIME_NODE_INSTALL: 'cuda12', npm_config_onnxruntime_node_install: 'cuda12' },
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
  if (answer.code === 0) return cudaMissingReason();
  return lastLine(answer.stderr) || "ONNX Runtime's install script failed";
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
