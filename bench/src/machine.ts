import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, release, totalmem, type as systemName } from 'node:os';

/** Where a measurement was made; every bench writes it into its JSON. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  /** Names and driver of the GPUs; absent where there is none. */
  gpu?: string;
}

export function describeMachine(): Machine {
  return {
    // Some virtual machines and most ARM boards name no model.
    cpu: cpus()[0]?.model.trim() || `unknown ${arch()} processor`,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()} ${release()} ${arch()}`,
    node: process.version,
    ...describeGpu(),
  };
}

function describeGpu(): Pick<Machine, 'gpu'> {
  try {
    const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
    const rows = execFileSync('nvidia-smi', query, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [name, memory, driver] = rows
      .split('\n')[0]!
      .split(',')
      .map((cell) => cell.trim());
    return name && driver ? { gpu: `${name}, ${memory}, driver ${driver}` } : {};
  } catch {
    return {};
  }
}
