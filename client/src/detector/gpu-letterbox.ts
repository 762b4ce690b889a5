import { letterbox, type Letterbox } from '@lanecast/server/core/geometry';
import { PAD_LEVEL } from './letterbox-painter.js';

const WORKGROUP = 8;

/** The triangle of `bilinearTaps`, computed where it is used. */
const SHADER = /* wgsl */ `
struct Geometry {
  content: vec2u,
  contentSize: vec2u,
  size: vec2u,
  source: vec2u,
}

@group(0) @binding(0) var picture: texture_external;
@group(0) @binding(1) var<uniform> geometry: Geometry;
@group(0) @binding(2) var<storage, read_write> planes: array<f32>;

fn scaled(target_: vec2u) -> vec3f {
  let ratio = vec2f(geometry.source) / vec2f(geometry.contentSize);
  let support = max(vec2f(1), ratio);
  let centre = (vec2f(target_) + 0.5) * ratio - 0.5;
  let first = vec2i(ceil(centre - support));
  let last = vec2i(floor(centre + support));
  let edge = vec2i(geometry.source) - 1;
  var sum = vec3f();
  var total = 0.0;
  for (var y = first.y; y <= last.y; y++) {
    let down = max(0.0, 1.0 - abs(f32(y) - centre.y) / support.y);
    for (var x = first.x; x <= last.x; x++) {
      let weight = down * max(0.0, 1.0 - abs(f32(x) - centre.x) / support.x);
      sum += weight * textureLoad(picture, clamp(vec2i(x, y), vec2i(0), edge)).rgb;
      total += weight;
    }
  }
  return clamp(sum / total, vec3f(0), vec3f(1));
}

@compute @workgroup_size(${WORKGROUP}, ${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= geometry.size)) { return; }
  let inside = all(id.xy >= geometry.content) && all(id.xy < geometry.content + geometry.contentSize);
  var colour = vec3f(${PAD_LEVEL});
  if (inside) { colour = scaled(id.xy - geometry.content); }
  let plane = geometry.size.x * geometry.size.y;
  let at = id.y * geometry.size.x + id.x;
  planes[at] = colour.r;
  planes[at + plane] = colour.g;
  planes[at + 2u * plane] = colour.b;
}
`;

/** Letterboxes VideoFrames on the GPU into a model's input: float32 `[3,H,W]`, red, green, blue, 0..1. */
export class GpuLetterbox {
  readonly #device: GPUDevice;
  readonly #width: number;
  readonly #height: number;
  readonly #pipeline: GPUComputePipeline;
  readonly #uniforms: GPUBuffer;
  #geometry: Letterbox | null = null;

  /** Compiles the shader. Rejects where the driver refuses it. */
  static async create(device: GPUDevice, width: number, height: number): Promise<GpuLetterbox> {
    const module = device.createShaderModule({ label: 'letterbox', code: SHADER });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    return new GpuLetterbox(device, width, height, pipeline);
  }

  private constructor(device: GPUDevice, width: number, height: number, pipeline: GPUComputePipeline) {
    this.#device = device;
    this.#width = width;
    this.#height = height;
    this.#pipeline = pipeline;
    this.#uniforms = device.createBuffer({ size: 32, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  }

  /** Submits the work on `frame`, which may be closed afterwards. Throws where the frame cannot be imported. */
  paint(frame: VideoFrame, picture: GPUExternalTexture, planes: GPUBuffer): Letterbox {
    const geometry = this.#geometryOf(frame.displayWidth, frame.displayHeight);
    const bindings = this.#device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: picture },
        { binding: 1, resource: { buffer: this.#uniforms } },
        { binding: 2, resource: { buffer: planes } },
      ],
    });
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(Math.ceil(this.#width / WORKGROUP), Math.ceil(this.#height / WORKGROUP));
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
    return geometry;
  }

  close(): void {
    this.#uniforms.destroy();
  }

  #geometryOf(width: number, height: number): Letterbox {
    const known = this.#geometry;
    if (known?.sourceWidth === width && known.sourceHeight === height) return known;
    const box = letterbox(width, height, this.#width, this.#height);
    const { contentX, contentY, contentWidth, contentHeight } = box;
    this.#device.queue.writeBuffer(
      this.#uniforms,
      0,
      Uint32Array.of(contentX, contentY, contentWidth, contentHeight, this.#width, this.#height, width, height),
    );
    return (this.#geometry = box);
  }
}
