import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultsReport } from '../faults/report.js';
import type { MemoryReport } from '../memory/report.js';
import type { SceneScore } from '../chain/report.js';
import type { Machine } from '../machine.js';
import type { LendingReport } from '../lending/figures.js';
import type { LatencyReport } from '../latency/figures.js';
import type { NmsReport } from '../nms/report.js';
import type { RunResult } from '../throughput/measure.js';
import type { ChurnReport, ViewersReport } from '../viewers/report.js';

/** The parts of the benches' files that the README quotes. */
export interface Results {
  throughput: { machine: Machine; runs: RunResult[] };
  /** Live 1080p streams on a GPU, by model; empty where that was not measured. */
  gpu: { machine: Machine; runs: RunResult[]; note?: string }[];
  yolo: { machine: Machine; runs: RunResult[] };
  quality: Record<'world' | 'val' | 'eval-video', { machine: Machine; results: QualityResult[] }>;
  /** Of a machine with a GPU; null until it was measured there. */
  nms: NmsReport | null;
  /** Of the dashboard in a browser: those that were measured. */
  latency: LatencyReport[];
  /** Detection in a page that lends: those that were measured. */
  lending: LendingReport[];
  /** What viewers cost, and what is left of those gone; null until it was measured. */
  viewers: ViewersReport | null;
  churn: ChurnReport | null;
  /** Null until they were measured. */
  memory: MemoryReport | null;
  faults: FaultsReport | null;
  gpuFaults: FaultsReport | null;
  chain: Record<'shipped' | 'unseen' | 'live', { machine: Machine; scenes: SceneScore[]; total: SceneScore }>;
}

interface QualityResult {
  model: string;
  width: number;
  height: number;
  speed: { medianMs: number };
  vehicle: { ap50: number; ap50to95: number };
}

/** Throughput on a GPU: the embedded model's file first. */
const GPU_FILES = ['throughput-h100', 'throughput-h100-yolov8n'];

/** The dashboard as it is used first. */
const LENDING_FILES = ['lending-wasm', 'lending-webgpu-h100'];
const LATENCY_FILES = ['latency-cpu', 'latency-fastest', 'latency-loss-delay'];

/** Reads what `bench/results` holds. */
export function readResults(directory: string): Results {
  const read = (name: string): never => JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as never;
  const optional = (name: string): never | null => (existsSync(join(directory, `${name}.json`)) ? read(name) : null);
  return {
    nms: optional('nms-h100'),
    lending: LENDING_FILES.filter((name) => existsSync(join(directory, `${name}.json`))).map(read),
    viewers: optional('viewers-cpu'),
    churn: optional('viewers-churn'),
    memory: optional('memory-hour'),
    faults: optional('faults'),
    gpuFaults: optional('faults-h100'),
    latency: LATENCY_FILES.filter((name) => existsSync(join(directory, `${name}.json`))).map(read),
    throughput: read('throughput-cpu-lanecast-s'),
    gpu: GPU_FILES.filter((name) => existsSync(join(directory, `${name}.json`))).map(read),
    yolo: read('throughput-cpu-yolov8n'),
    quality: {
      world: read('quality-world'),
      val: read('quality-val'),
      'eval-video': read('quality-eval-video'),
    },
    chain: {
      shipped: read('chain-world'),
      unseen: read('chain-world-seed-77'),
      live: read('chain-world-realtime'),
    },
  };
}
