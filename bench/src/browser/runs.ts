/** What is measured in a browser, and how it is told. */
import { formatTable } from '../table.js';

export type Backend = 'webgpu' | 'wasm';
export type Precision = 'fp32' | 'fp16';

/** One detector to start. */
export interface Run {
  backend: Backend;
  precision: Precision;
  /** Of WebAssembly; null: WebGPU. */
  threads: number | null;
  width: number;
  height: number;
}

export interface Agreement {
  compared: number;
  boxPx: number;
  score: number;
  unmatched: number;
}

export type Outcome = Run &
  (
    | {
        failure: null;
        adapter: string | null;
        perSecond: number;
        /** Until the first frame's detections were there: download, kernels, one detection. */
        firstMs: number;
        /** With WebAssembly in fp32 at the same size, on the same picture; null: it is that, or that failed. */
        agreement: Agreement | null;
      }
    | { failure: string }
  );

/** Of `GET /api/models`, what counts here. */
export interface Offered {
  width: number;
  height: number;
  precision: Precision;
}

/** WebAssembly first: the others are held against it. fp16 is for GPUs. Largest model first. */
export function runsOf(models: readonly Offered[], threads: readonly number[], backends: readonly Backend[]): Run[] {
  const sorted = [...models].sort((a, b) => b.width * b.height - a.width * a.height);
  const onCpu = sorted.filter(({ precision }) => precision === 'fp32');
  const size = ({ width, height, precision }: Offered): Offered => ({ width, height, precision });
  const wasm = onCpu.flatMap((model) => threads.map((n): Run => ({ ...size(model), backend: 'wasm', threads: n })));
  const webgpu = sorted.map((model): Run => ({ ...size(model), backend: 'webgpu', threads: null }));
  return [...(backends.includes('wasm') ? wasm : []), ...(backends.includes('webgpu') ? webgpu : [])];
}

export function tableOf(outcomes: readonly Outcome[]): string {
  const header = [
    'model',
    'backend',
    'precision',
    'threads',
    'per s',
    'first ms',
    'compared',
    'box px',
    'score',
    'lost',
  ];
  return formatTable(
    header,
    outcomes.map((outcome) => {
      const { width, height, backend, precision, threads } = outcome;
      const what = [`${width}x${height}`, backend, precision, threads === null ? '' : String(threads)];
      if (outcome.failure !== null) return [...what, 'failed'];
      const { agreement, perSecond, firstMs } = outcome;
      const found = agreement
        ? [
            String(agreement.compared),
            agreement.boxPx.toFixed(3),
            agreement.score.toFixed(4),
            String(agreement.unmatched),
          ]
        : [];
      return [...what, perSecond.toFixed(1), firstMs.toFixed(0), ...found];
    }),
  );
}
