import type { Finding } from '../doctor/check.js';
import type { RunProgram } from './run-program.js';

/** The NVIDIA driver, as `nvidia-smi` tells of it. */
export interface Driver {
  version: string;
  /** Newest CUDA that it runs, like `13.0`. */
  cuda: string;
  cudaMajor: number;
  gpus: string[];
}

/** Reads the head of `nvidia-smi` and its list of GPUs; null where the program is not there or finds no GPU. */
export async function readDriver(run: RunProgram): Promise<Driver | null> {
  const list = await run('nvidia-smi', ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader']);
  if (list.code !== 0) return null;
  const rows = list.stdout.split('\n').filter((line) => line.includes(','));
  const version = rows[0]?.split(',')[1]?.trim();
  if (!version) return null;
  const head = await run('nvidia-smi', []);
  const cuda = /CUDA (?:\w+ )?Version:\s*(\d+\.\d+)/.exec(head.stdout)?.[1] ?? '0.0';
  const gpus = rows.map((row) => {
    const [name, , memory] = row.split(',').map((part) => part.trim());
    return `${name} (${memory})`;
  });
  return { version, cuda, cudaMajor: Number(cuda.split('.')[0]), gpus };
}

export function driverFinding(driver: Driver | null): Finding {
  const subject = 'driver';
  if (!driver) {
    return {
      subject,
      verdict: 'fail',
      text: 'no NVIDIA driver or no GPU: nvidia-smi is missing or fails',
      fix: "install NVIDIA's driver (Debian: apt install nvidia-driver); in a container start it with --gpus all and NVIDIA_DRIVER_CAPABILITIES=compute,utility,video",
    };
  }
  const text = `${driver.version}, CUDA up to ${driver.cuda}: ${driver.gpus.join(', ')}`;
  if (driver.cudaMajor >= 12) return { subject, verdict: 'ok', text };
  return { subject, verdict: 'fail', text, fix: 'install a driver for CUDA 12 or newer' };
}
