import type { Machine } from '../machine.js';
import type { FaultResult } from './matrix.js';

/** What bench:faults writes. */
export interface FaultsReport {
  bench: 'faults';
  date: string;
  machine: Machine;
  loadAverage: number;
  /** The longest time without a picture with no fault, and with one. */
  baselineGapMs: number;
  maxGapMs: number;
  results: FaultResult[];
}

/** A fault's row, for people: name, verdict, seconds to recover, and of the other streams packets, losses, longest gap. */
export function faultRow({ name, skipped, recoveredMs, failures, others }: FaultResult): string[] {
  const proofs = Object.values(others);
  const sum = (of: (proof: (typeof proofs)[number]) => number): string =>
    proofs.length > 0 ? String(proofs.reduce((total, proof) => total + of(proof), 0)) : '-';
  return [
    name,
    skipped !== null ? 'skipped' : failures.length > 0 ? 'FAILED' : 'ok',
    recoveredMs === null ? '-' : (recoveredMs / 1000).toFixed(1),
    sum((p) => p.packets),
    sum((p) => p.packetsLost + p.unitsDamaged + p.decodeErrors),
    proofs.length > 0 ? Math.max(...proofs.map((p) => p.longestGapMs)).toFixed(0) : '-',
  ];
}
