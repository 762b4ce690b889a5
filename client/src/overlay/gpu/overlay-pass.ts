import type { RasterGlyph } from './glyph-atlas.js';
import { INSTANCE_BYTES, type InstanceList } from './instance-list.js';
import shader from './overlay.wgsl?raw';

/** Texels: room for all letters of several sizes. */
export const ATLAS_SIDE = 1024;

/** Draws the overlays of all tiles in one draw call. */
export class OverlayPass {
  readonly #device: GPUDevice;
  readonly #pipeline: GPURenderPipeline;
  readonly #bindings: GPUBindGroup;
  readonly #atlas: GPUTexture;
  #instances: GPUBuffer | null = null;

  constructor(device: GPUDevice, format: GPUTextureFormat, canvasSize: GPUBuffer) {
    this.#device = device;
    const module = device.createShaderModule({ label: 'wall overlay', code: shader });
    const blend: GPUBlendComponent = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' };
    this.#pipeline = device.createRenderPipeline({
      label: 'wall overlay',
      layout: 'auto',
      vertex: {
        module,
        buffers: [
          {
            arrayStride: INSTANCE_BYTES,
            stepMode: 'instance',
            attributes: [
              { shaderLocation: 0, offset: 0, format: 'float32x4' },
              { shaderLocation: 1, offset: 16, format: 'float32x4' },
              { shaderLocation: 2, offset: 32, format: 'float32x4' },
              { shaderLocation: 3, offset: 48, format: 'unorm8x4' },
              { shaderLocation: 4, offset: 52, format: 'uint32' },
            ],
          },
        ],
      },
      fragment: { module, targets: [{ format, blend: { color: blend, alpha: blend } }] },
      primitive: { topology: 'triangle-strip' },
    });
    this.#atlas = device.createTexture({
      label: 'wall letters',
      size: [ATLAS_SIDE, ATLAS_SIDE],
      format: 'r8unorm',
      usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
    });
    this.#bindings = device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: canvasSize } },
        { binding: 1, resource: this.#atlas.createView() },
      ],
    });
  }

  upload(u: number, v: number, { coverage, width, height }: RasterGlyph): void {
    this.#device.queue.writeTexture(
      { texture: this.#atlas, origin: [u, v] },
      coverage,
      { bytesPerRow: width, rowsPerImage: height },
      [width, height],
    );
  }

  draw(pass: GPURenderPassEncoder, list: InstanceList): void {
    if (list.count === 0) return;
    const { bytes } = list;
    if (!this.#instances || this.#instances.size < bytes.byteLength) {
      this.#instances?.destroy();
      const usage = GPUBufferUsage.VERTEX | GPUBufferUsage.COPY_DST;
      this.#instances = this.#device.createBuffer({ label: 'wall overlay', size: bytes.byteLength * 2, usage });
    }
    this.#device.queue.writeBuffer(this.#instances, 0, bytes);
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#bindings);
    pass.setVertexBuffer(0, this.#instances);
    pass.draw(4, list.count);
  }

  /** May be called twice. */
  close(): void {
    this.#instances?.destroy();
    this.#instances = null;
    this.#atlas.destroy();
  }
}
