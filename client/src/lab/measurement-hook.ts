import type { ModelEntry } from '@lanecast/server/core/model-entry';
import {
  startBrowserDetector,
  type BrowserDetections,
  type BrowserDetectorInfo,
} from '../detector/browser-detector.js';
import { getJson } from '../state/api.js';
import { agreementOf, type Agreement } from './agreement.js';

/** What a test asks for: one picture, one model, one backend. */
export interface DetectRequest {
  /** Planar I420, BT.709 limited range, base64. */
  i420: string;
  width: number;
  height: number;
  modelWidth: number;
  precision: 'fp32' | 'fp16';
  backend: 'auto' | 'webgpu' | 'wasm';
  threads?: number;
  allowSoftwareGpu?: boolean;
  scoreThreshold: number;
  maxRows: number;
  /** Measure detections a second, too. */
  benchmark?: boolean;
  /** As of the detector's options; here the default is true. */
  timeStages?: boolean;
}

export interface DetectAnswer {
  info: BrowserDetectorInfo;
  rows: number[];
  timings: BrowserDetections['timings'];
  /** Until the first frame's detections were there: download, kernels, one detection. */
  firstMs: number;
  perSecond: number | null;
  crossOriginIsolated: boolean;
}

declare global {
  interface Window {
    lanecastDetect?: (request: DetectRequest) => Promise<DetectAnswer>;
    /** Two answers' rows of one picture, candidates from `fromScore` on. */
    lanecastAgreement?: (
      a: readonly number[],
      b: readonly number[],
      size: { width: number; height: number },
      fromScore: number,
    ) => Agreement;
  }
}

/** `?measure`: lets a test or a bench detect on a picture of its own. */
export function offerDetection(): void {
  window.lanecastDetect = detect;
  window.lanecastAgreement = (a, b, size, fromScore) =>
    agreementOf(Float32Array.from(a), Float32Array.from(b), size, fromScore);
}

async function detect(request: DetectRequest): Promise<DetectAnswer> {
  const { width, height, modelWidth, precision, ...options } = request;
  const beganMs = performance.now();
  const models = await getJson<ModelEntry[]>('/api/models');
  const model = models.find((entry) => entry.width === modelWidth && entry.precision === precision);
  if (!model) throw new Error(`no model is ${modelWidth} wide in ${precision}`);
  let settle: { resolve: (detections: BrowserDetections) => void; reject: (error: Error) => void };
  const detected = new Promise<BrowserDetections>((resolve, reject) => (settle = { resolve, reject }));
  const detector = await startBrowserDetector(
    { timeStages: true, ...options, model },
    {
      onDetections: (detections) => settle.resolve(detections),
      onProgress: () => undefined,
      onMissed: (_stream, reason) => settle.reject(new Error(reason)),
      onFailure: ({ code, message }) => settle.reject(new Error(`${code}: ${message}`)),
    },
  );
  try {
    const data = Uint8Array.from(atob(request.i420), (character) => character.charCodeAt(0));
    const frame = new VideoFrame(data, {
      format: 'I420',
      codedWidth: width,
      codedHeight: height,
      timestamp: 0,
      colorSpace: { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', fullRange: false },
    });
    detector.submit('test', frame, 1234);
    const { rows, timings } = await detected;
    const firstMs = performance.now() - beganMs;
    const perSecond = request.benchmark === true ? await detector.benchmark() : null;
    return { info: detector.info, rows: [...rows], timings, firstMs, perSecond, crossOriginIsolated };
  } finally {
    detector.close();
  }
}
