import type { InferenceSession } from 'onnxruntime-web';
import { type Engine, type EngineOptions, type EngineResult, stageTimings } from './engine.js';
import { FrameReader } from './frame-reader.js';
import { LetterboxPainter } from './letterbox-painter.js';
import { loadRuntime, type Runtime } from './ort-runtime.js';
import { yuvMatrix } from './picture-planes.js';
import { candidateRows, finishRows } from './rows.js';

/** Detection on the CPU: WebAssembly with SIMD, and threads where the page is cross-origin isolated. */
export class WasmEngine implements Engine {
  readonly parallel = 1;
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #options: EngineOptions;
  readonly #reader = new FrameReader();
  readonly #painter: LetterboxPainter;

  static async start(options: EngineOptions): Promise<WasmEngine> {
    const runtime = await loadRuntime('wasm', options.threads);
    const session = await runtime.InferenceSession.create(options.model, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
      freeDimensionOverrides: { batch: 1 },
      logSeverityLevel: 3,
    });
    return new WasmEngine(runtime, session, options);
  }

  private constructor(runtime: Runtime, session: InferenceSession, options: EngineOptions) {
    this.#runtime = runtime;
    this.#session = session;
    this.#options = options;
    this.#painter = new LetterboxPainter(options.entry.width, options.entry.height);
  }

  async detect(frame: VideoFrame): Promise<EngineResult> {
    const { entry, scoreThreshold, maxRows } = this.#options;
    const beganMs = performance.now();
    const picture = await this.#reader.read(frame);
    const importedMs = performance.now();
    const box = this.#painter.paint(picture, yuvMatrix(frame.colorSpace));
    const preprocessedMs = performance.now();
    const { input, width, height } = this.#painter;
    const tensor = new this.#runtime.Tensor('float32', input, [1, 3, height, width]);
    const outputs = await this.#session.run({ [this.#session.inputNames[0]!]: tensor });
    const inferredMs = performance.now();
    const output = outputs[this.#session.outputNames[0]!]!;
    const rows = candidateRows(output.data as Float32Array, scoreThreshold);
    const finished = finishRows(rows, box, { maxRows, classCount: entry.classes.length });
    const decodedMs = performance.now();
    return {
      sourceWidth: box.sourceWidth,
      sourceHeight: box.sourceHeight,
      rows: finished,
      timings: stageTimings(beganMs, { importedMs, preprocessedMs, inferredMs, decodedMs }),
    };
  }

  async close(): Promise<void> {
    await this.#session.release().catch(() => undefined);
  }
}
