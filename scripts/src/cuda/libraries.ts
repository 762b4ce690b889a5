import type { Finding } from '../doctor/check.js';
import type { RunProgram } from './run-program.js';

/** The CUDA generations that a provider exists for. */
export type CudaMajor = 12 | 13;

/** What ONNX Runtime's CUDA provider is linked with, apart from cuDNN. */
const TOOLKIT: Record<CudaMajor, readonly string[]> = {
  13: ['libcudart.so.13', 'libcublasLt.so.13', 'libcublas.so.13', 'libcufft.so.12'],
  12: ['libcudart.so.12', 'libcublasLt.so.12', 'libcublas.so.12', 'libcufft.so.11'],
};
const CUDNN = 'libcudnn.so.9';

/** Where each library was loaded from; null: the loader does not find it. */
export type LoadedLibraries = ReadonlyMap<string, string | null>;

/**
 * Run by a node of its own, so that what a library does when it is loaded cannot touch this process. `dlopen` of a
 * library that is no addon fails only after the library was loaded; its path then stands in the process' map.
 */
const LOADER = `
const { readFileSync } = require('node:fs');
for (const name of process.argv.slice(1)) {
  let loaded = false;
  try { process.dlopen({ exports: {} }, name); loaded = true; } catch (error) { loaded = /self-register/.test(error.message); }
  const line = loaded && readFileSync('/proc/self/maps', 'utf8').split('\\n').find((l) => l.includes('/' + name));
  console.log(name + '\\t' + (loaded ? (line ? line.slice(line.indexOf('/')) : name) : ''));
}`;

/** Asks the system's loader for each library by name. */
export async function loadLibraries(run: RunProgram, names: readonly string[]): Promise<LoadedLibraries> {
  const { stdout } = await run(process.execPath, ['-e', LOADER, ...names]);
  const found = new Map<string, string | null>(names.map((name) => [name, null]));
  for (const line of stdout.split('\n')) {
    const [name, path] = line.split('\t');
    if (name && found.has(name)) found.set(name, path || null);
  }
  return found;
}

/** The generation to install for: what the driver runs and, where both would do, what is installed already. */
export async function chooseCudaMajor(run: RunProgram, driverMajor: number): Promise<CudaMajor> {
  if (driverMajor < 13) return 12;
  const loaded = await loadLibraries(run, ['libcublas.so.13', 'libcublas.so.12']);
  return !loaded.get('libcublas.so.13') && loaded.get('libcublas.so.12') ? 12 : 13;
}

/** Two findings: the CUDA libraries, and cuDNN. */
export async function libraryFindings(run: RunProgram, major: CudaMajor): Promise<Finding[]> {
  const toolkit = TOOLKIT[major];
  const loaded = await loadLibraries(run, [...toolkit, CUDNN]);
  const missing = toolkit.filter((name) => !loaded.get(name));
  const elsewhere = await findWheels(run, [...missing, ...(loaded.get(CUDNN) ? [] : [CUDNN])]);
  const wheels =
    major === 13
      ? 'nvidia-cuda-runtime nvidia-cublas nvidia-cufft nvidia-curand'
      : 'nvidia-cuda-runtime-cu12 nvidia-cublas-cu12 nvidia-cufft-cu12 nvidia-curand-cu12';
  return [
    missing.length === 0
      ? { subject: 'CUDA libraries', verdict: 'ok', text: `${toolkit.join(', ')} from ${loaded.get(toolkit[0]!)}` }
      : {
          subject: 'CUDA libraries',
          verdict: 'fail',
          text: `the loader does not find ${missing.join(', ')}`,
          fix: fixFor(
            missing,
            elsewhere,
            `apt install cuda-libraries-${major}-0 from NVIDIA's repository, or pip install ${wheels}`,
          ),
        },
    loaded.get(CUDNN)
      ? { subject: 'cuDNN', verdict: 'ok', text: `${CUDNN} from ${loaded.get(CUDNN)}` }
      : {
          subject: 'cuDNN',
          verdict: 'fail',
          text: `the loader does not find ${CUDNN}`,
          fix: fixFor(
            [CUDNN],
            elsewhere,
            `apt install libcudnn9-cuda-${major} from NVIDIA's repository, or pip install nvidia-cudnn-cu${major}`,
          ),
        },
  ];
}

function fixFor(names: readonly string[], elsewhere: ReadonlyMap<string, string>, install: string): string {
  const folders = new Set(names.map((name) => elsewhere.get(name)));
  // Some are nowhere: a path alone would not do.
  if (folders.has(undefined)) return `${install}, and put its folder into LD_LIBRARY_PATH`;
  return `it is here, in a Python package: export LD_LIBRARY_PATH=${[...folders].join(':')}:$LD_LIBRARY_PATH`;
}

const FIND_WHEELS = `
import glob, os, sys
for name in sys.argv[1:]:
    for base in sys.path:
        hit = glob.glob(os.path.join(base, 'nvidia', '*', 'lib', name)) if base else []
        if hit:
            print(name + '\\t' + os.path.dirname(hit[0]))
            break
`;

/** Folders of NVIDIA's Python packages (PyTorch brings them) that hold these libraries. */
async function findWheels(run: RunProgram, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const { stdout } = await run('python3', ['-c', FIND_WHEELS, ...names]);
  const rows = stdout.split('\n').map((line) => line.split('\t'));
  return new Map(rows.flatMap(([name, folder]): [string, string][] => (name && folder ? [[name, folder]] : [])));
}
