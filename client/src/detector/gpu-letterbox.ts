import { letterbox, type Letterbox } from '@lanecast/server/core/geometry';
import { PAD_LEVEL } from './letterbox-painter.js';
import { isChromaBilinear, PROBE_HEIGHT, PROBE_WIDTH, probeFrame } from './probe-frame.js';
import { RAMP_LEVELS, TONES, toneTable } from './tone-table.js';

const WORKGROUP = 8;
const MAX_GEOMETRIES = 32;

/** How a picture's chroma came to have the size of its luma: see `chromaAt` in the shader. */
interface ChromaScaling {
  /** Luma samples to one of chroma, across and down. */
  step: 1 | 2;
  /** Of the second pixel that is looked at, in pixels; and the share of either. */
  offset: -1 | 0 | 1;
  near: number;
  far: number;
}

/** 4:4:4, or RGB. */
const WHOLE: ChromaScaling = { step: 1, offset: 0, near: 1, far: 0 };
/** 4:2:0 scaled up in whatever way: exact where samples were repeated, else a little soft. */
const REPEATED: ChromaScaling = { step: 2, offset: 1, near: 0.5, far: 0.5 };
/** 4:2:0 scaled up bilinearly, three parts of the nearest sample and one of the next: the exact inverse. */
const BILINEAR: ChromaScaling = { step: 2, offset: -1, near: 1.5, far: -0.5 };

/** What a browser does to the pictures of a colour space, and what undoes it. */
export interface Conversion {
  tones: GPUBuffer;
  chroma: ChromaScaling;
}

/**
 * The triangle of `bilinearTaps`, computed where it is used; one invocation paints 2 x 2 pixels.
 *
 * The server and the processor scale luma and chroma each on its own, chroma at half the size, and repeat it. A GPU's
 * picture is RGB already, chroma scaled up with it. So colours are taken apart again into luma and what is left of red,
 * green and blue without it; that is brought back to half the size and scaled there.
 */
const SHADER = /* wgsl */ `
struct Geometry {
  content: vec2u,
  contentSize: vec2u,
  size: vec2u,
  source: vec2u,
  step: u32,
  offset: i32,
  near: f32,
  far: f32,
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

fn colourAt(place: vec2i) -> vec3f {
  let colour = textureLoad(picture, clamp(place, vec2i(0), vec2i(geometry.source) - 1)).rgb;
  if (arrayLength(&tones) == 1u) { return colour; }
  return vec3f(tone(colour.r), tone(colour.g), tone(colour.b));
}

fn luma(colour: vec3f) -> f32 { return dot(colour, vec3f(0.2126, 0.7152, 0.0722)); }

// Of one sample of the video's chroma, out of the pixels that it was scaled up to.
fn chromaAt(cell: vec2i) -> vec3f {
  let near = i32(geometry.step) * cell;
  let far = near + geometry.offset;
  let first = geometry.near * colourAt(near) + geometry.far * colourAt(vec2i(far.x, near.y));
  let second = geometry.near * colourAt(vec2i(near.x, far.y)) + geometry.far * colourAt(far);
  let colour = geometry.near * first + geometry.far * second;
  return colour - luma(colour);
}

// Chroma, or luma three times.
fn scaled(place: vec2u, source: vec2u, size: vec2u, chroma: bool) -> vec3f {
  let ratio = vec2f(source) / vec2f(size);
  let support = max(vec2f(1), ratio);
  let centre = (vec2f(place) + 0.5) * ratio - 0.5;
  let first = vec2i(ceil(centre - support));
  let last = vec2i(floor(centre + support));
  let edge = vec2i(source) - 1;
  var sum = vec3f();
  var total = 0.0;
  for (var y = first.y; y <= last.y; y++) {
    let down = max(0.0, 1.0 - abs(f32(y) - centre.y) / support.y);
    for (var x = first.x; x <= last.x; x++) {
      let weight = down * max(0.0, 1.0 - abs(f32(x) - centre.x) / support.x);
      if (weight > 0.0) {
        let at = clamp(vec2i(x, y), vec2i(0), edge);
        if (chroma) { sum += weight * chromaAt(at); } else { sum += weight * luma(colourAt(at)); }
        total += weight;
      }
    }
  }
  return sum / total;
}

// To the nearest of the video's 8-bit levels (BT.709), as the server's picture has them.
fn wholeLuma(luma: f32) -> f32 { return round(219 * luma) / 219; }
fn wholeChroma(chroma: vec3f) -> vec3f {
  let cr = round(224 * chroma.r / 1.5748) / 224;
  let cb = round(224 * chroma.b / 1.8556) / 224;
  return vec3f(1.5748 * cr, -0.46812 * cr - 0.18732 * cb, 1.8556 * cb);
}

fn put(place: vec2u, colour: vec3f) {
  let plane = geometry.size.x * geometry.size.y;
  let at = place.y * geometry.size.x + place.x;
  planes[at] = colour.r;
  planes[at + plane] = colour.g;
  planes[at + 2u * plane] = colour.b;
}

@compute @workgroup_size(${WORKGROUP}, ${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let corner = 2u * id.xy;
  if (any(corner >= geometry.size)) { return; }
  // The content's place and size are even: a block is all in it or all outside.
  let inside = all(corner >= geometry.content) && all(corner < geometry.content + geometry.contentSize);
  let step = geometry.step;
  let cells = (geometry.source + step - 1u) / step;
  var chroma = vec3f();
  for (var i = 0u; i < 4u; i++) {
    let place = corner + vec2u(i & 1u, i >> 1u);
    var colour = vec3f(${PAD_LEVEL});
    if (inside) {
      let at = place - geometry.content;
      if (i == 0u || step == 1u) { chroma = wholeChroma(scaled(at / step, cells, geometry.contentSize / step, true)); }
      let grey = wholeLuma(scaled(at, geometry.source, geometry.contentSize, false).r);
      colour = clamp(grey + chroma, vec3f(0), vec3f(1));
    }
    put(place, colour);
  }
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
  /** By colour space. */
  readonly #conversions = new Map<string, Promise<Conversion>>();
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
  async conversionOf(frame: VideoFrame): Promise<Conversion> {
    const { format } = frame;
    // RGB frames are sRGB: nothing is converted.
    if (format?.startsWith('RGB') || format?.startsWith('BGR')) return { tones: this.#untouched, chroma: WHOLE };
    const colourSpace = frame.colorSpace.toJSON();
    const key = JSON.stringify(colourSpace);
    let conversion = this.#conversions.get(key);
    if (!conversion) {
      conversion = this.#measure(colourSpace);
      this.#conversions.set(key, conversion);
      // The next frame tries again.
      conversion.catch(() => this.#conversions.delete(key));
    }
    const { tones, chroma } = await conversion;
    // What was measured went the way of planes in memory; a decoder's textures may go another.
    return { tones, chroma: format?.startsWith('I420') ? chroma : format?.startsWith('I4') ? WHOLE : REPEATED };
  }

  /** Submits the work on `frame`, which may be closed afterwards. */
  paint(frame: VideoFrame, picture: GPUExternalTexture, planes: GPUBuffer, { tones, chroma }: Conversion): Letterbox {
    const { box, uniforms } = this.#geometryOf(frame.displayWidth, frame.displayHeight, chroma);
    this.#dispatch(picture, uniforms, planes, tones, this.#width, this.#height);
    return box;
  }

  /** What it allocated goes with the device. */
  close(): void {
    this.#conversions.clear();
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
    pass.dispatchWorkgroups(Math.ceil(width / 2 / WORKGROUP), Math.ceil(height / 2 / WORKGROUP));
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Sends a ramp of this colour space through the same import, and looks at what arrives. */
  async #measure(colourSpace: VideoColorSpaceInit): Promise<Conversion> {
    const [width, height] = [PROBE_WIDTH, PROBE_HEIGHT];
    const bytes = 3 * width * height * 4;
    const planes = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    const staging = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const uniforms = this.#uniforms(letterbox(width, height, width, height), width, height, WHOLE);
    const frame = probeFrame(colourSpace);
    try {
      const picture = this.#device.importExternalTexture({ source: frame });
      this.#dispatch(picture, uniforms, planes, this.#untouched, width, height);
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(planes, 0, staging, 0, bytes);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const red = new Float32Array(staging.getMappedRange());
      const table = toneTable(Float32Array.from({ length: RAMP_LEVELS }, (_, level) => red[2 * level]!));
      return {
        tones: table ? this.#upload(table, GPUBufferUsage.STORAGE) : this.#untouched,
        chroma: isChromaBilinear(red.subarray(2 * RAMP_LEVELS)) ? BILINEAR : REPEATED,
      };
    } finally {
      frame.close();
      planes.destroy();
      staging.destroy();
      uniforms.destroy();
    }
  }

  #geometryOf(
    sourceWidth: number,
    sourceHeight: number,
    chroma: ChromaScaling,
  ): { box: Letterbox; uniforms: GPUBuffer } {
    const key = `${sourceWidth}x${sourceHeight} ${chroma.step} ${chroma.offset}`;
    const known = this.#geometries.get(key);
    if (known) return known;
    if (this.#geometries.size >= MAX_GEOMETRIES) {
      for (const { uniforms } of this.#geometries.values()) uniforms.destroy();
      this.#geometries.clear();
    }
    const box = letterbox(sourceWidth, sourceHeight, this.#width, this.#height);
    const made = { box, uniforms: this.#uniforms(box, this.#width, this.#height, chroma) };
    this.#geometries.set(key, made);
    return made;
  }

  #uniforms(box: Letterbox, width: number, height: number, chroma: ChromaScaling): GPUBuffer {
    const { contentX, contentY, contentWidth, contentHeight, sourceWidth, sourceHeight } = box;
    const values = [contentX, contentY, contentWidth, contentHeight, width, height, sourceWidth, sourceHeight];
    const bytes = new DataView(new ArrayBuffer(48));
    values.forEach((value, i) => bytes.setUint32(4 * i, value, true));
    bytes.setUint32(32, chroma.step, true);
    bytes.setInt32(36, chroma.offset, true);
    bytes.setFloat32(40, chroma.near, true);
    bytes.setFloat32(44, chroma.far, true);
    return this.#upload(new Uint8Array(bytes.buffer), GPUBufferUsage.UNIFORM);
  }

  #upload(values: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>, usage: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ size: values.byteLength, usage: usage | GPUBufferUsage.COPY_DST });
    this.#device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }
}
