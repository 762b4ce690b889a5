import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { type Engine, type EngineOptions, type EngineResult, stageTimings } from './engine.js';
import { GpuLetterbox } from './gpu-letterbox.js';
import { GpuRows, type RowsSlot } from './gpu-rows.js';
import { loadRuntime } from './ort-runtime.js';
import { finishRows } from './rows.js';

/** What one frame in flight needs. */
interface Slot extends RowsSlot {
  input: GPUBuffer;
  tensor: Tensor;
}

/** Frames on the way at a time: the next is imported and letterboxed while one is in the network. */
const PARALLEL = 2;

/**
 * Detection on the GPU. Pixels stay there: VideoFrame, external texture, letterbox, network; only the rows come back.
 */
export class WebGpuEngine implements Engine {
  readonly parallel: number;
  /** Resolves with the reason when the GPU is gone. */
  readonly lost: Promise<string>;
  readonly #device: GPUDevice;
  readonly #session: InferenceSession;
  readonly #letterbox: GpuLetterbox;
  readonly #rows: GpuRows;
  readonly #options: EngineOptions;
  readonly #free: Slot[];
  /** ONNX Runtime takes one run at a time. */
  #running: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Rejects where the driver or ONNX Runtime refuses. */
  static async start(options: EngineOptions): Promise<WebGpuEngine> {
    const runtime = await loadRuntime('webgpu', 1);
    const { width, height } = options.entry;
    const session = await runtime.InferenceSession.create(options.model, {
      executionProviders: ['webgpu'],
      graphOptimizationLevel: 'all',
      freeDimensionOverrides: { batch: 1 },
      preferredOutputLocation: 'gpu-buffer',
      logSeverityLevel: 3,
    });
    // ONNX Runtime's own device, with the limits and features that it wants: pictures and rows must be on the same.
    const device = await runtime.env.webgpu.device;
    try {
      const letterbox = await GpuLetterbox.create(device, width, height);
      const rows = await GpuRows.create(device, options.scoreThreshold);
      const slots = Array.from({ length: options.timeStages ? 1 : PARALLEL }, (): Slot => {
        const input = device.createBuffer({
          size: 3 * width * height * 4,
          usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        });
        const tensor = runtime.Tensor.fromGpuBuffer(input, { dataType: 'float32', dims: [1, 3, height, width] });
        return { input, tensor, ...rows.createSlot() };
      });
      return new WebGpuEngine(device, session, letterbox, rows, slots, options);
    } catch (error) {
      device.destroy();
      throw error;
    }
  }

  private constructor(
    device: GPUDevice,
    session: InferenceSession,
    letterbox: GpuLetterbox,
    rows: GpuRows,
    slots: Slot[],
    options: EngineOptions,
  ) {
    this.#device = device;
    this.#session = session;
    this.#letterbox = letterbox;
    this.#rows = rows;
    this.#free = slots;
    this.#options = options;
    this.parallel = slots.length;
    this.lost = device.lost.then(({ reason, message }) => message || reason);
  }

  async detect(frame: VideoFrame): Promise<EngineResult> {
    const slot = this.#free.pop();
    if (!slot) throw new Error('more frames at a time than `parallel`');
    try {
      return await this.#detect(frame, slot);
    } finally {
      this.#free.push(slot);
    }
  }

  async #detect(frame: VideoFrame, slot: Slot): Promise<EngineResult> {
    const { entry, maxRows } = this.#options;
    const conversion = await this.#letterbox.conversionOf(frame);
    const beganMs = performance.now();
    const picture = this.#device.importExternalTexture({ source: frame });
    const importedMs = performance.now();
    const box = this.#letterbox.paint(frame, picture, slot.input, conversion);
    await this.#fence();
    const preprocessedMs = performance.now();
    const output = await this.#run(slot.tensor);
    try {
      await this.#fence();
      const inferredMs = performance.now();
      const bytes = output.dims.reduce((product, size) => product * size, 4);
      const rows = await this.#rows.read(output.gpuBuffer, bytes, slot);
      const finished = finishRows(rows, box, { maxRows, classCount: entry.classes.length });
      const decodedMs = performance.now();
      return {
        sourceWidth: box.sourceWidth,
        sourceHeight: box.sourceHeight,
        rows: finished,
        timings: stageTimings(beganMs, { importedMs, preprocessedMs, inferredMs, decodedMs }),
      };
    } finally {
      output.dispose();
    }
  }

  async #run(tensor: Tensor): Promise<Tensor> {
    const before = this.#running;
    const run = before.catch(() => undefined).then(() => this.#session.run({ [this.#session.inputNames[0]!]: tensor }));
    this.#running = run;
    return (await run)[this.#session.outputNames[0]!]!;
  }

  async #fence(): Promise<void> {
    if (this.#options.timeStages) await this.#device.queue.onSubmittedWorkDone();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.release().catch(() => undefined);
    this.#letterbox.close();
    this.#rows.close();
    this.#device.destroy();
  }
}
