import { execFile } from 'node:child_process';
import type { Clock } from '../core/clock.js';

export interface GpuReading {
  index: string;
  name: string;
  memoryUsedBytes: number;
  memoryTotalBytes: number;
  /** Share of the last moment in which the GPU did anything, 0..1. */
  utilization: number | null;
}

/** `nvidia-smi` costs some tens of milliseconds of a processor: never more often than this. */
const READ_EVERY_MS = 10_000;
/** Where it fails again and again (a driver that is being replaced, no device). */
const RETRY_AT_LEAST_EVERY_MS = 600_000;
/** A reading older than this is none. */
const STALE_MS = 60_000;
const PROGRAM_TIMEOUT_MS = 5000;
const QUERY = 'index,name,memory.used,memory.total,utilization.gpu';

/** Runs `nvidia-smi`; `null`: there is none, and there will be none. */
type Program = (done: (output: string | null, missing: boolean) => void) => void;

/**
 * The memory of the machine's NVIDIA GPUs, read by a process of its own when somebody asks for it: the answer is the
 * reading of before, the next one has a newer. Without that program it is tried once; where it fails, ever more rarely.
 */
export class GpuMemory {
  readonly #clock: Clock;
  readonly #program: Program;
  #reading: readonly GpuReading[] = [];
  #readAtMs = -Infinity;
  #askedAtMs = -Infinity;
  #running = false;
  #missing = false;
  /** In a row. */
  #failures = 0;

  constructor(clock: Clock, program: Program = nvidiaSmi) {
    this.#clock = clock;
    this.#program = program;
  }

  latest(): readonly GpuReading[] {
    const now = this.#clock.nowMs();
    // A single failure changes nothing.
    const waitMs = Math.min(READ_EVERY_MS * 2 ** Math.max(0, this.#failures - 1), RETRY_AT_LEAST_EVERY_MS);
    if (!this.#missing && !this.#running && now - this.#askedAtMs >= waitMs) this.#ask(now);
    return now - this.#readAtMs <= STALE_MS ? this.#reading : [];
  }

  #ask(now: number): void {
    this.#running = true;
    this.#askedAtMs = now;
    this.#program((output, missing) => {
      this.#running = false;
      this.#missing = missing;
      this.#failures = output === null ? this.#failures + 1 : 0;
      if (output === null) return;
      this.#reading = parseGpuReadings(output);
      this.#readAtMs = this.#clock.nowMs();
    });
  }
}

/** Parses `nvidia-smi --query-gpu --format=csv,noheader,nounits`; lines that say "[N/A]" for memory are left out. */
export function parseGpuReadings(output: string): GpuReading[] {
  return output.split('\n').flatMap((line) => {
    const fields = line.split(',').map((field) => field.trim());
    const [used, total, busy] = fields.slice(-3).map(Number);
    if (fields.length < 5 || !Number.isFinite(used) || !Number.isFinite(total)) return [];
    return [
      {
        index: fields[0]!,
        name: fields.slice(1, -3).join(', '),
        memoryUsedBytes: used! * 2 ** 20,
        memoryTotalBytes: total! * 2 ** 20,
        utilization: Number.isFinite(busy) ? busy! / 100 : null,
      },
    ];
  });
}

function nvidiaSmi(done: Parameters<Program>[0]): void {
  const args = [`--query-gpu=${QUERY}`, '--format=csv,noheader,nounits'];
  execFile('nvidia-smi', args, { timeout: PROGRAM_TIMEOUT_MS }, (error, output) => {
    done(error ? null : output, error?.code === 'ENOENT');
  });
}
