import type { ModelEntry } from '@lanecast/server/core/model-entry';
import {
  startBrowserDetector,
  type BrowserDetections,
  type BrowserDetectorInfo,
} from '../detector/browser-detector.js';
import { agreementOf, worst, type Agreement } from './agreement.js';
import type { KeptFrame } from './kept-frame.js';
import { StageFigures, type StageMedians } from './stage-figures.js';

/** Candidates from here on are held against each other. */
const FROM_SCORE = 0.25;
const SCORE_THRESHOLD = 0.1;
const MAX_ROWS = 500;

export type Backend = 'webgpu' | 'wasm';

/** One column of the table. */
export type BackendResult =
  | { backend: Backend; info: BrowserDetectorInfo; medians: StageMedians; perSecond: number; failure: null }
  | { backend: Backend; failure: string };

export interface Comparison {
  frames: number;
  model: ModelEntry;
  results: BackendResult[];
  /** null where one of them did not run. */
  agreement: Agreement | null;
}

export interface CompareOptions {
  model: ModelEntry;
  frames: readonly KeptFrame[];
  allowSoftwareGpu: boolean;
  onStep: (step: string) => void;
  signal: AbortSignal;
}

/** Runs both backends on the same frames, one after the other, so that they do not take each other's time. */
export async function compareBackends(options: CompareOptions): Promise<Comparison> {
  const { model, frames } = options;
  const results: BackendResult[] = [];
  const found: Float32Array[][] = [];
  for (const backend of ['webgpu', 'wasm'] as const) {
    try {
      const { result, rows } = await run(backend, options);
      results.push(result);
      found.push(rows);
    } catch (error) {
      options.signal.throwIfAborted();
      results.push({ backend, failure: error instanceof Error ? error.message : String(error) });
    }
  }
  const [a, b] = found;
  const agreement = a && b ? worst(frames.map((frame, i) => agreementOf(a[i]!, b[i]!, frame, FROM_SCORE))) : null;
  return { frames: frames.length, model, results, agreement };
}

async function run(
  backend: Backend,
  { model, frames, allowSoftwareGpu, onStep, signal }: CompareOptions,
): Promise<{ result: BackendResult; rows: Float32Array[] }> {
  const name = backend === 'webgpu' ? 'WebGPU' : 'WebAssembly';
  onStep(`Starting ${name}`);
  let settle: { resolve: (detections: BrowserDetections) => void; reject: (error: Error) => void } | null = null;
  const detector = await startBrowserDetector(
    { model, backend, scoreThreshold: SCORE_THRESHOLD, maxRows: MAX_ROWS, timeStages: true, allowSoftwareGpu },
    {
      onDetections: (detections) => settle?.resolve(detections),
      onProgress: () => undefined,
      onMissed: (_stream, reason) => settle?.reject(new Error(reason)),
      onFailure: ({ message }) => settle?.reject(new Error(message)),
    },
    signal,
  );
  const stop = (): void => {
    detector.close();
    settle?.reject(new Error('the comparison was given up'));
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const figures = new StageFigures();
    const rows: Float32Array[] = [];
    for (const [i, frame] of frames.entries()) {
      onStep(`${name}: frame ${i + 1} of ${frames.length}`);
      const detections = await new Promise<BrowserDetections>((resolve, reject) => {
        settle = { resolve, reject };
        detector.submit('lab', frame.open(), i);
      });
      figures.add(detections.timings);
      rows.push(detections.rows);
    }
    onStep(`${name}: speed`);
    const perSecond = await detector.benchmark();
    return { result: { backend, info: detector.info, medians: figures.medians()!, perSecond, failure: null }, rows };
  } finally {
    signal.removeEventListener('abort', stop);
    detector.close();
  }
}
