import type { PicturePlace } from '../renderer.js';
import shader from './video.wgsl?raw';

/** Floats of one tile: room, picture, ground colour, corner radius. */
const TILE_FLOATS = 13;

/** A frame that is to be drawn, as the GPU knows it. */
export interface VideoQuad {
  place: PicturePlace;
  texture: GPUExternalTexture;
}

/** Draws the video of tiles: one draw call each, since each has a texture of its own. */
export class VideoPass {
  /** Of letterbox bars, red, green and blue from 0 to 1. */
  ground: readonly [number, number, number] = [0, 0, 0];
  /** Of the upper corners of each room, CSS pixels. */
  cornerPx = 0;
  readonly #device: GPUDevice;
  readonly #pipeline: GPURenderPipeline;
  readonly #common: GPUBindGroup;
  #tiles: GPUBuffer | null = null;

  constructor(device: GPUDevice, format: GPUTextureFormat, canvasSize: GPUBuffer) {
    this.#device = device;
    const module = device.createShaderModule({ label: 'wall video', code: shader });
    const floats = (offset: number, count: 1 | 4, shaderLocation: number): GPUVertexAttribute => ({
      format: count === 1 ? 'float32' : 'float32x4',
      offset: offset * 4,
      shaderLocation,
    });
    this.#pipeline = device.createRenderPipeline({
      label: 'wall video',
      layout: 'auto',
      vertex: {
        module,
        buffers: [
          {
            arrayStride: TILE_FLOATS * 4,
            stepMode: 'instance',
            attributes: [floats(0, 4, 0), floats(4, 4, 1), floats(8, 4, 2), floats(12, 1, 3)],
          },
        ],
      },
      fragment: { module, targets: [{ format }] },
      primitive: { topology: 'triangle-strip' },
    });
    this.#common = device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: canvasSize } },
        { binding: 1, resource: device.createSampler({ magFilter: 'linear', minFilter: 'linear' }) },
      ],
    });
  }

  draw(pass: GPURenderPassEncoder, quads: readonly VideoQuad[]): void {
    if (quads.length === 0) return;
    const floats = new Float32Array(quads.length * TILE_FLOATS);
    quads.forEach(({ place: { room, picture, density } }, i) => {
      const rects = [room.x, room.y, room.width, room.height, picture.x, picture.y, picture.width, picture.height];
      floats.set(
        rects.map((px) => px * density),
        i * TILE_FLOATS,
      );
      floats.set([...this.ground, 1, this.cornerPx * density], i * TILE_FLOATS + 8);
    });
    if (!this.#tiles || this.#tiles.size < floats.byteLength) {
      this.#tiles?.destroy();
      const usage = GPUBufferUsage.VERTEX | GPUBufferUsage.COPY_DST;
      this.#tiles = this.#device.createBuffer({ label: 'wall tiles', size: floats.byteLength * 2, usage });
    }
    this.#device.queue.writeBuffer(this.#tiles, 0, floats);
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#common);
    pass.setVertexBuffer(0, this.#tiles);
    quads.forEach(({ texture }, i) => {
      const layout = this.#pipeline.getBindGroupLayout(1);
      pass.setBindGroup(1, this.#device.createBindGroup({ layout, entries: [{ binding: 0, resource: texture }] }));
      pass.draw(4, 1, 0, i);
    });
  }

  /** May be called twice. */
  close(): void {
    this.#tiles?.destroy();
    this.#tiles = null;
  }
}
