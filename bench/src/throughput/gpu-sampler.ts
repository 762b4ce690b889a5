import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How busy the first GPU was, in percent of the time, and what it held. */
export interface GpuUse {
  samples: number;
  gpuPercent: { mean: number; max: number };
  nvdecPercent: { mean: number; max: number };
  memoryMiB: number;
  powerW: number;
}

const QUERY = 'utilization.gpu,utilization.decoder,memory.used,power.draw';
const EVERY_MS = 500;

/** Samples `nvidia-smi` from its making until `stop()`. */
export class GpuSampler {
  readonly #rows: number[][] = [];
  readonly #child: ChildProcess;

  constructor(program = 'nvidia-smi') {
    const args = ['-i', '0', `--query-gpu=${QUERY}`, '--format=csv,noheader,nounits', `-lms`, String(EVERY_MS)];
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    // No such program: no samples.
    this.#child.on('error', () => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const row = parseGpuRow(line);
      if (row) this.#rows.push(row);
    });
  }

  /** null where there is no GPU to ask. */
  stop(): GpuUse | null {
    this.#child.kill();
    return summariseGpu(this.#rows);
  }
}

/** One line of the query as numbers; null if it is none (what a GPU does not know counts as 0). */
export function parseGpuRow(line: string): number[] | null {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== 4 || !/^\d/.test(cells[0]!)) return null;
  return cells.map((cell) => (Number.isFinite(Number(cell)) ? Number(cell) : 0));
}

export function summariseGpu(rows: readonly number[][]): GpuUse | null {
  if (rows.length === 0) return null;
  const column = (i: number): { mean: number; max: number } => {
    const values = rows.map((row) => row[i]!);
    return { mean: values.reduce((sum, v) => sum + v, 0) / values.length, max: Math.max(...values) };
  };
  return {
    samples: rows.length,
    gpuPercent: column(0),
    nvdecPercent: column(1),
    memoryMiB: column(2).max,
    powerW: column(3).mean,
  };
}
