import type { Frame } from 'node-av/lib';
import type { PipelineModel } from '@lanecast/models/describe';
import { resolveModel } from '@lanecast/models/resolve';
import { letterbox } from '@lanecast/server/core/geometry';
import { DetectionDecoder, PACKED_FIELDS, unpackDetection } from '@lanecast/server/detect/detection-decoder';
import { ModelSession } from '@lanecast/server/detect/model-session';
import { LanecastError } from '@lanecast/server/core/errors';
import { FrameScaler, nv12ContentPlanes } from '@lanecast/server/ingest/decode/scaler';
import type { Found } from './average-precision.js';

/** The server's padding (`Letterboxer`). */
const PAD_LUMA = 114;
const PAD_CHROMA = 128;

export interface DeployedModelOptions {
  /** A pipeline model, or a stock export that is prepared for `width` x `height`. */
  model: string;
  width: number;
  height: number;
  /** Low, since average precision looks at every recall. */
  scoreThreshold: number;
  iouThreshold: number;
  maxDetections: number;
  threads: number;
}

/** A model as the server runs it: letterboxed NV12 in, the same decoding and suppression out. */
export class DeployedModel {
  readonly description: PipelineModel;
  readonly #session: ModelSession;
  readonly #decoder: DetectionDecoder;
  readonly #scaler = new FrameScaler();
  readonly #packed: Float32Array;

  /** Rejects with what `resolveModel` and `ModelSession` throw. */
  static async open(options: DeployedModelOptions): Promise<DeployedModel> {
    const { width, height, threads } = options;
    const { path, description } = resolveModel(options.model, { width, height, precision: 'fp32', head: 'nv12' });
    if (description.head !== 'nv12')
      throw new LanecastError('model-wrong-head', `${path} has the ${description.head} head; give one with nv12`);
    const session = await ModelSession.open({ ...description, path }, { executionProvider: 'cpu', threads });
    return new DeployedModel(description, session, options);
  }

  private constructor(description: PipelineModel, session: ModelSession, options: DeployedModelOptions) {
    this.description = description;
    this.#session = session;
    const { candidateCount, classes } = description;
    const { scoreThreshold, iouThreshold, maxDetections } = options;
    const classCount = classes.length;
    this.#decoder = new DetectionDecoder({ candidateCount, classCount, scoreThreshold, iouThreshold, maxDetections });
    this.#packed = new Float32Array(maxDetections * PACKED_FIELDS);
  }

  /** Detections in the frame's pixels, best first, cut off at its edges as labels are. */
  async detect(frame: Frame): Promise<Found[]> {
    const { width, height } = this.description;
    const geometry = letterbox(frame.width, frame.height, width, height);
    const picture = this.#session.input;
    picture.fill(PAD_LUMA, 0, width * height);
    picture.fill(PAD_CHROMA, width * height);
    if (!this.#scaler.scale(frame, nv12ContentPlanes(picture, width, height, geometry)))
      throw new LanecastError('picture-set', `swscale cannot read the pixel format ${frame.format}`);
    await this.#session.run(1);
    const count = this.#decoder.decode(this.#session.output, 0, geometry, this.#packed, 0);
    return Array.from({ length: count }, (_, i) => {
      const { x1, y1, x2, y2, ...rest } = unpackDetection(this.#packed, i);
      const inside = (value: number, size: number) => Math.min(size, Math.max(0, value));
      return {
        x1: inside(x1, frame.width),
        y1: inside(y1, frame.height),
        x2: inside(x2, frame.width),
        y2: inside(y2, frame.height),
        ...rest,
      };
    });
  }

  /** One inference on the last picture, alone: milliseconds. */
  async timeInference(): Promise<number> {
    const beganMs = performance.now();
    await this.#session.run(1);
    return performance.now() - beganMs;
  }

  async close(): Promise<void> {
    this.#scaler.close();
    await this.#session.close();
  }
}
