/** What `bench:nms` found, as a table and for the README. */
import type { NmsInfo } from '@lanecast/native';
import type { Machine } from '../machine.js';
import type { Baseline, BaselineResult, Baselines } from './baselines.js';
import type { BenchCase, OwnResult } from './cases.js';
import type { Timing } from './timing.js';

export interface NmsRow extends OwnResult {
  id: string;
  distribution: string;
  boxes: number;
  images: number;
  baselines: Partial<Record<Baseline, BaselineResult>>;
}

/** The file that `--json` writes. */
export interface NmsReport {
  bench: 'nms';
  date: string;
  machine: Machine;
  gpu: NmsInfo['device'];
  software: Record<string, string>;
  iouThreshold: number;
  rows: NmsRow[];
}

export function makeRow({ id, distribution, boxes, images }: BenchCase, own: OwnResult, all: Baselines | null): NmsRow {
  return { id, distribution, boxes, images, ...own, baselines: all?.cases[id] ?? {} };
}

type Cell = Timing | { skipped: string } | undefined;

const digits = (ms: number): string => (ms >= 100 ? ms.toFixed(0) : ms >= 1 ? ms.toFixed(1) : ms.toFixed(3));

/** Median and 99th percentile, or why there is none. */
export function formatCell(cell: Cell, withP99 = false): string {
  if (!cell) return '-';
  if ('skipped' in cell) return cell.skipped.startsWith('no ') ? '-' : cell.skipped;
  return withP99 ? `${digits(cell.p50Ms)} / ${digits(cell.p99Ms)}` : digits(cell.p50Ms);
}

/** How many times faster ours is, end to end, than torchvision with its boxes on the GPU. */
export function ratio({ cuda, baselines }: NmsRow): number | null {
  const other = baselines['torchvision-cuda'];
  return other && 'p50Ms' in other && 'p50Ms' in cuda ? other.p50Ms / cuda.p50Ms : null;
}

export const HEADER = [
  'boxes',
  'kept',
  'NumPy',
  'torchvision CPU',
  'torchvision CUDA',
  'ours CPU',
  'ours CUDA kernels',
  'ours CUDA end to end',
  'ratio',
] as const;

/** A row of HEADER; all times in milliseconds, ours with the 99th percentile. */
export function cells(row: NmsRow): string[] {
  const { baselines, kept, cpu, cuda, cudaKernel } = row;
  const times = ratio(row);
  return [
    row.images > 1 ? row.id : `${row.boxes.toLocaleString('en')} ${row.distribution}`,
    kept.toLocaleString('en'),
    formatCell(baselines.numpy),
    formatCell(baselines.torchvision),
    formatCell(baselines['torchvision-cuda']),
    formatCell(cpu, true),
    formatCell(cudaKernel),
    formatCell(cuda, true),
    times === null ? '-' : `${times < 10 ? times.toFixed(1) : times.toFixed(0)}x`,
  ];
}
