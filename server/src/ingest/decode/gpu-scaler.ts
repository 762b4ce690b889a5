import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_BUFFERSRC_FLAG_PUSH,
  AV_PIX_FMT_CUDA,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  type AVBufferSrcFlag,
} from 'node-av/constants';
import { Filter, type FilterContext, FilterGraph, Frame, Rational } from 'node-av/lib';
import { copyRows, FrameScaler, type PicturePlanes, type PictureScaler, planeSize } from './scaler.js';
import { narrowRange } from './value-range.js';

const ADD_FLAGS = (AV_BUFFERSRC_FLAG_PUSH | AV_BUFFERSRC_FLAG_KEEP_REF) as AVBufferSrcFlag;
const MICROSECONDS = new Rational(1, 1_000_000);

/** `scale_cuda` for one geometry, with the small picture that its results are downloaded into. */
interface Lane {
  graph: FilterGraph;
  source: FilterContext;
  sink: FilterContext;
  /** Refers to the scaled picture on the GPU during a call. */
  scaled: Frame;
  /** In our memory, NV12, of the target's size. */
  picture: Frame;
  /** Views over `picture`, made once (see `FrameScaler`). */
  planes: Buffer[];
  strides: number[];
}

/**
 * Scales pictures that NVDEC left on the GPU, there, and downloads only the small result. Nothing is allocated per
 * picture; geometries that were not used lately are freed.
 *
 * NV12 targets get the range of values they are meant for (limited); planar targets are converted by swscale at equal
 * size.
 */
export class GpuScaler implements PictureScaler {
  static readonly #MAX_LANES = 8;
  readonly #lanes = new Map<string, Lane>();
  readonly #converter: FrameScaler;
  #closed = false;

  constructor(converter: FrameScaler) {
    this.#converter = converter;
  }

  scale(frame: Frame, target: PicturePlanes): boolean {
    if (this.#closed) return false;
    const lane = this.#lane(frame, target);
    if (!lane || !download(lane, frame)) return false;
    const isFullRange = frame.colorRange === AVCOL_RANGE_JPEG;
    if (target.format !== AV_PIX_FMT_NV12) {
      // swscale does not know that this NV12 is of full range already: then the values must stay as they are.
      const converted = isFullRange ? { ...target, format: AV_PIX_FMT_YUV420P } : target;
      if (!this.#converter.scale(lane.picture, converted)) return false;
      if (isFullRange && target.format === AV_PIX_FMT_YUV420P)
        target.planes.forEach((plane, i) => {
          const { rowBytes, rows } = planeSize(target, i);
          narrowRange(plane, target.strides[i]!, rowBytes, rows, i === 0);
        });
      return true;
    }
    target.planes.forEach((plane, i) => {
      const { rowBytes, rows } = planeSize(target, i);
      copyRows(lane.planes[i]!, lane.strides[i]!, plane, target.strides[i]!, rowBytes, rows);
      if (isFullRange) narrowRange(plane, target.strides[i]!, rowBytes, rows, i === 0);
    });
    return true;
  }

  /** Frees every geometry: another decoder's pictures may differ in what a key does not say. */
  forget(): void {
    for (const lane of this.#lanes.values()) freeLane(lane);
    this.#lanes.clear();
  }

  close(): void {
    this.#closed = true;
    this.forget();
  }

  #lane(frame: Frame, target: PicturePlanes): Lane | null {
    // The stride tells 8 bits a sample from 10: kernels for one must not read pictures of the other.
    const key = `${frame.width}x${frame.height}/${frame.linesize[0]}:${frame.colorRange}:${frame.colorSpace}>${target.width}x${target.height}`;
    const known = this.#lanes.get(key);
    // Most recently used goes last.
    if (known) this.#lanes.delete(key);
    const lane = known ?? makeLane(frame, target);
    if (!lane) return null;
    this.#lanes.set(key, lane);
    if (this.#lanes.size > GpuScaler.#MAX_LANES) {
      const [oldestKey, oldest] = this.#lanes.entries().next().value!;
      freeLane(oldest);
      this.#lanes.delete(oldestKey);
    }
    return lane;
  }
}

function download({ source, sink, scaled, picture }: Lane, frame: Frame): boolean {
  if (source.buffersrcAddFrameSync(frame, ADD_FLAGS) < 0) return false;
  if (sink.buffersinkGetFrameSync(scaled) < 0) return false;
  try {
    return scaled.hwframeTransferDataSync(picture) >= 0;
  } finally {
    scaled.unref();
  }
}

function makeLane(frame: Frame, { width, height }: PicturePlanes): Lane | null {
  const graph = new FilterGraph();
  const scaled = new Frame();
  const picture = new Frame();
  try {
    graph.alloc();
    graph.nbThreads = 1;
    scaled.alloc();
    picture.alloc();
    picture.width = width;
    picture.height = height;
    picture.format = AV_PIX_FMT_NV12;
    const ends = connect(graph, frame, width, height);
    if (ends && picture.allocBuffer() >= 0 && picture.data) {
      return { graph, ...ends, scaled, picture, planes: picture.data, strides: picture.linesize };
    }
  } catch {
    // Binding errors mean what error codes mean: this picture cannot be scaled.
  }
  freeLane({ graph, scaled, picture });
  return null;
}

function connect(
  graph: FilterGraph,
  frame: Frame,
  width: number,
  height: number,
): Pick<Lane, 'source' | 'sink'> | null {
  const [buffer, scale, sinkFilter] = ['buffer', 'scale_cuda', 'buffersink'].map((name) => Filter.getByName(name));
  if (!buffer || !scale || !sinkFilter) return null;
  const source = graph.allocFilter(buffer, 'in');
  if (!source) return null;
  // Of a clone: a frame that is used again and again keeps the first context that it was asked for.
  const probe = frame.clone();
  const frames = probe?.hwFramesCtx ?? null;
  try {
    if (!frames) return null;
    const set = source.buffersrcParametersSet({
      width: frame.width,
      height: frame.height,
      format: AV_PIX_FMT_CUDA,
      timeBase: MICROSECONDS,
      colorRange: frame.colorRange,
      colorSpace: frame.colorSpace,
      hwFramesCtx: frames,
    });
    if (set < 0 || source.init(null) < 0) return null;
  } finally {
    frames?.free();
    probe?.free();
  }
  const scaler = graph.createFilter(scale, 'scale', `w=${width}:h=${height}:format=nv12:interp_algo=bilinear`);
  const sink = graph.createFilter(sinkFilter, 'out');
  if (!scaler || !sink) return null;
  if (source.link(0, scaler, 0) < 0 || scaler.link(0, sink, 0) < 0 || graph.configSync() < 0) return null;
  return { source, sink };
}

function freeLane({ graph, scaled, picture }: Pick<Lane, 'graph' | 'scaled' | 'picture'>): void {
  graph.free();
  scaled.free();
  picture.free();
}

/** Scales every picture where it is: on the GPU or in our memory. */
export class PictureScalers implements PictureScaler {
  readonly #software = new FrameScaler();
  #gpu: GpuScaler | null = null;
  #closed = false;

  scale(frame: Frame, target: PicturePlanes): boolean {
    if (this.#closed) return false;
    if (!frame.isHwFrame()) return this.#software.scale(frame, target);
    return (this.#gpu ??= new GpuScaler(this.#software)).scale(frame, target);
  }

  /** Another decoder begins. */
  forgetGpu(): void {
    this.#gpu?.forget();
  }

  close(): void {
    this.#closed = true;
    this.#gpu?.close();
    this.#software.close();
  }
}
