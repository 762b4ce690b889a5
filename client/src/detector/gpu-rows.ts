import { candidateRows, ROW_FIELDS } from './rows.js';

const WORKGROUP = 64;
/** Rows that are read back at once: 24 KB. More above the threshold is rare, and costs a second trip. */
const CAPACITY = 1024;
const HEADER_BYTES = 16;
const BUFFER_BYTES = HEADER_BYTES + CAPACITY * ROW_FIELDS * 4;

/** Rows at or above the threshold, in no order; the counter goes on where there is no more room. */
const SHADER = /* wgsl */ `
struct Rows {
  count: atomic<u32>,
  unused: array<u32, 3>,
  values: array<f32>,
}

@group(0) @binding(0) var<storage, read> candidates: array<f32>;
@group(0) @binding(1) var<storage, read_write> rows: Rows;
@group(0) @binding(2) var<uniform> threshold: vec4f;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let count = arrayLength(&candidates) / ${ROW_FIELDS}u;
  if (id.x >= count || !(candidates[4u * count + id.x] >= threshold.x)) { return; }
  let slot = atomicAdd(&rows.count, 1u);
  if (slot >= ${CAPACITY}u) { return; }
  for (var field = 0u; field < ${ROW_FIELDS}u; field++) {
    rows.values[slot * ${ROW_FIELDS}u + field] = candidates[field * count + id.x];
  }
}
`;

/** Picks rows of a model's output `[1,6,N]` on the GPU, so that only they travel to the CPU. */
export class GpuRows {
  readonly #device: GPUDevice;
  readonly #pipeline: GPUComputePipeline;
  readonly #threshold: GPUBuffer;
  readonly #scoreThreshold: number;

  static async create(device: GPUDevice, scoreThreshold: number): Promise<GpuRows> {
    const module = device.createShaderModule({ label: 'rows', code: SHADER });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    return new GpuRows(device, pipeline, scoreThreshold);
  }

  private constructor(device: GPUDevice, pipeline: GPUComputePipeline, scoreThreshold: number) {
    this.#device = device;
    this.#pipeline = pipeline;
    this.#scoreThreshold = scoreThreshold;
    this.#threshold = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(this.#threshold, 0, Float32Array.of(scoreThreshold, 0, 0, 0));
  }

  /** Where one frame's rows are gathered and mapped; one for each frame in flight. */
  createSlot(): RowsSlot {
    return {
      rows: this.#device.createBuffer({
        size: BUFFER_BYTES,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      }),
      staging: this.#device.createBuffer({
        size: BUFFER_BYTES,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    };
  }

  /** The rows of `candidates`, float32 `[6,N]`, `bytes` long; they must not change before it is done. */
  async read(candidates: GPUBuffer, bytes: number, slot: RowsSlot): Promise<Float32Array> {
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(slot.rows, 0, HEADER_BYTES);
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(
      0,
      this.#device.createBindGroup({
        layout: this.#pipeline.getBindGroupLayout(0),
        entries: [
          // ONNX Runtime's buffers may be longer than what is in them.
          { binding: 0, resource: { buffer: candidates, size: bytes } },
          { binding: 1, resource: { buffer: slot.rows } },
          { binding: 2, resource: { buffer: this.#threshold } },
        ],
      }),
    );
    pass.dispatchWorkgroups(Math.ceil(bytes / 4 / ROW_FIELDS / WORKGROUP));
    pass.end();
    encoder.copyBufferToBuffer(slot.rows, 0, slot.staging, 0, BUFFER_BYTES);
    this.#device.queue.submit([encoder.finish()]);
    await slot.staging.mapAsync(GPUMapMode.READ);
    const mapped = slot.staging.getMappedRange();
    const [count] = new Uint32Array(mapped, 0, 1);
    const rows =
      count! <= CAPACITY ? new Float32Array(mapped.slice(HEADER_BYTES, HEADER_BYTES + count! * ROW_FIELDS * 4)) : null;
    slot.staging.unmap();
    return rows ?? candidateRows(await this.#readAll(candidates, bytes), this.#scoreThreshold);
  }

  async #readAll(candidates: GPUBuffer, bytes: number): Promise<Float32Array> {
    const staging = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(candidates, 0, staging, 0, bytes);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      return new Float32Array(staging.getMappedRange().slice(0));
    } finally {
      staging.destroy();
    }
  }

  closeSlot({ rows, staging }: RowsSlot): void {
    rows.destroy();
    staging.destroy();
  }

  close(): void {
    this.#threshold.destroy();
  }
}

export interface RowsSlot {
  rows: GPUBuffer;
  staging: GPUBuffer;
}
