import { letterbox, type Letterbox } from '@lanecast/server/core/geometry';
import { PAD_LEVEL } from './letterbox-painter.js';
import { RAMP_LEVELS, rampFrame, TONES, toneTable } from './tone-table.js';

const WORKGROUP = 8;
const MAX_GEOMETRIES = 32;

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
// Empty (one entry) where tones arrive as they are in the video.
@group(0) @binding(3) var<storage, read> tones: array<f32>;

fn tone(arrived: f32) -> f32 {
  let at = clamp(arrived, 0.0, 1.0) * ${TONES - 1}.0;
  let low = min(u32(at), ${TONES - 2}u);
  return mix(tones[low], tones[low + 1u], at - f32(low));
}

fn sample(at: vec2i, corrected: bool) -> vec3f {
  let colour = textureLoad(picture, at).rgb;
  if (!corrected) { return colour; }
  return vec3f(tone(colour.r), tone(colour.g), tone(colour.b));
}

fn scaled(place: vec2u) -> vec3f {
  let corrected = arrayLength(&tones) > 1u;
  let ratio = vec2f(geometry.source) / vec2f(geometry.contentSize);
  let support = max(vec2f(1), ratio);
  let centre = (vec2f(place) + 0.5) * ratio - 0.5;
  let first = vec2i(ceil(centre - support));
  let last = vec2i(floor(centre + support));
  let edge = vec2i(geometry.source) - 1;
  var sum = vec3f();
  var total = 0.0;
  for (var y = first.y; y <= last.y; y++) {
    let down = max(0.0, 1.0 - abs(f32(y) - centre.y) / support.y);
    for (var x = first.x; x <= last.x; x++) {
      let weight = down * max(0.0, 1.0 - abs(f32(x) - centre.x) / support.x);
      if (weight > 0.0) {
        sum += weight * sample(clamp(vec2i(x, y), vec2i(0), edge), corrected);
        total += weight;
      }
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

/**
 * Letterboxes VideoFrames on the GPU into a model's input: float32 `[3,H,W]`, red, green, blue, 0..1, with the tones that
 * are in the video (see `toneTable`).
 */
export class GpuLetterbox {
  readonly #device: GPUDevice;
  readonly #width: number;
  readonly #height: number;
  readonly #pipeline: GPUComputePipeline;
  readonly #untouched: GPUBuffer;
  /** By colour space: what undoes the browser's conversion. */
  readonly #tones = new Map<string, Promise<GPUBuffer>>();
  /** By the source's size: streams of several sizes take turns. */
  readonly #geometries = new Map<string, { box: Letterbox; uniforms: GPUBuffer }>();

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
    this.#untouched = this.#upload(new Float32Array(1), GPUBufferUsage.STORAGE);
  }

  /** To be awaited before a frame is imported; the first of a colour space is measured, which takes a moment. */
  tonesOf(frame: VideoFrame): Promise<GPUBuffer> {
    // RGB frames are sRGB: nothing is converted.
    if (frame.format?.startsWith('RGB') || frame.format?.startsWith('BGR')) return Promise.resolve(this.#untouched);
    const colourSpace = frame.colorSpace.toJSON();
    const key = JSON.stringify(colourSpace);
    let tones = this.#tones.get(key);
    if (!tones) {
      tones = this.#measure(colourSpace);
      this.#tones.set(key, tones);
      // The next frame tries again.
      tones.catch(() => this.#tones.delete(key));
    }
    return tones;
  }

  /** Submits the work on `frame`, which may be closed afterwards. */
  paint(frame: VideoFrame, picture: GPUExternalTexture, planes: GPUBuffer, tones: GPUBuffer): Letterbox {
    const { box, uniforms } = this.#geometryOf(frame.displayWidth, frame.displayHeight);
    this.#dispatch(picture, uniforms, planes, tones, this.#width, this.#height);
    return box;
  }

  /** What it allocated goes with the device. */
  close(): void {
    this.#tones.clear();
    this.#geometries.clear();
  }

  #dispatch(
    picture: GPUExternalTexture,
    uniforms: GPUBuffer,
    planes: GPUBuffer,
    tones: GPUBuffer,
    width: number,
    height: number,
  ): void {
    const bindings = this.#device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: picture },
        { binding: 1, resource: { buffer: uniforms } },
        { binding: 2, resource: { buffer: planes } },
        { binding: 3, resource: { buffer: tones } },
      ],
    });
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(Math.ceil(width / WORKGROUP), Math.ceil(height / WORKGROUP));
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Sends a ramp of this colour space through the same import, and looks at what arrives. */
  async #measure(colourSpace: VideoColorSpaceInit): Promise<GPUBuffer> {
    const [width, height] = [2 * RAMP_LEVELS, 2];
    const bytes = 3 * width * height * 4;
    const planes = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    const staging = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const uniforms = this.#uniforms(letterbox(width, height, width, height), width, height);
    const frame = rampFrame(colourSpace);
    try {
      const picture = this.#device.importExternalTexture({ source: frame });
      this.#dispatch(picture, uniforms, planes, this.#untouched, width, height);
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(planes, 0, staging, 0, bytes);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const red = new Float32Array(staging.getMappedRange());
      const table = toneTable(Float32Array.from({ length: RAMP_LEVELS }, (_, level) => red[2 * level]!));
      return table ? this.#upload(table, GPUBufferUsage.STORAGE) : this.#untouched;
    } finally {
      frame.close();
      planes.destroy();
      staging.destroy();
      uniforms.destroy();
    }
  }

  #geometryOf(sourceWidth: number, sourceHeight: number): { box: Letterbox; uniforms: GPUBuffer } {
    const key = `${sourceWidth}x${sourceHeight}`;
    const known = this.#geometries.get(key);
    if (known) return known;
    if (this.#geometries.size >= MAX_GEOMETRIES) {
      for (const { uniforms } of this.#geometries.values()) uniforms.destroy();
      this.#geometries.clear();
    }
    const box = letterbox(sourceWidth, sourceHeight, this.#width, this.#height);
    const made = { box, uniforms: this.#uniforms(box, this.#width, this.#height) };
    this.#geometries.set(key, made);
    return made;
  }

  #uniforms(box: Letterbox, width: number, height: number): GPUBuffer {
    const { contentX, contentY, contentWidth, contentHeight, sourceWidth, sourceHeight } = box;
    const values = [contentX, contentY, contentWidth, contentHeight, width, height, sourceWidth, sourceHeight];
    return this.#upload(Uint32Array.from(values), GPUBufferUsage.UNIFORM);
  }

  #upload(values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, usage: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ size: values.byteLength, usage: usage | GPUBufferUsage.COPY_DST });
    this.#device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }
}
