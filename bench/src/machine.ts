import { arch, availableParallelism, cpus, release, totalmem, type as systemName } from 'node:os';

/** Where a measurement was made; every bench writes it into its JSON. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
}

export function describeMachine(): Machine {
  return {
    // Some virtual machines and most ARM boards name no model.
    cpu: cpus()[0]?.model.trim() || `unknown ${arch()} processor`,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()} ${release()} ${arch()}`,
    node: process.version,
  };
}
