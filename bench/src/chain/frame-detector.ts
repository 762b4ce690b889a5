import { availableParallelism } from 'node:os';
import { describeModel } from '@lanecast/models/describe';
import type { Config } from '@lanecast/server/config/schema';
import { LanecastError } from '@lanecast/server/core/errors';
import { FrameSlots } from '@lanecast/server/core/frame-slots';
import type { Log } from '@lanecast/server/core/log';
import type { Detection } from '@lanecast/server/core/types';
import { DetectionDecoder, PACKED_FIELDS, unpackDetection } from '@lanecast/server/detect/detection-decoder';
import { ModelSession } from '@lanecast/server/detect/model-session';
import { Letterboxer } from '@lanecast/server/ingest/decode/letterboxer';
import { FrameScaler } from '@lanecast/server/ingest/decode/scaler';
import { locateModel } from '@lanecast/server/pipeline/locate-model';
import type { Frame } from 'node-av/lib';

/** The server's detector for one frame after the other, on the calling thread: the same letterbox, session and NMS. */
export class FrameDetector {
  readonly classes: readonly string[];
  readonly confidentScore: number | null;
  /** Model, size and where it runs, in one line. */
  readonly description: string;
  readonly #session: ModelSession;
  readonly #scaler = new FrameScaler();
  readonly #slots: FrameSlots;
  readonly #letterboxer: Letterboxer;
  readonly #decoder: DetectionDecoder;
  readonly #packed: Float32Array;

  /** Rejects with the LanecastErrors of `locateModel` and `ModelSession.open`. The caller closes it. */
  static async open(config: Config['detector'], log: Log): Promise<FrameDetector> {
    const path = locateModel(config, log);
    const model = describeModel(path);
    if (model.kind !== 'pipeline' || model.head !== 'nv12') {
      throw new LanecastError('model-wrong-head', `${path} is no nv12 pipeline model: name another with --model`);
    }
    const session = await ModelSession.open(
      { ...model, path },
      { executionProvider: config.executionProvider, threads: config.threads ?? availableParallelism() },
    );
    return new FrameDetector(session, model, config);
  }

  private constructor(
    session: ModelSession,
    model: Extract<ReturnType<typeof describeModel>, { kind: 'pipeline' }>,
    { scoreThreshold, iouThreshold }: Config['detector'],
  ) {
    const { width, height, candidateCount, classes, source, precision } = model;
    this.classes = classes;
    this.confidentScore = model.confidentScore;
    this.description = `${source} ${width}x${height} ${precision}, ${session.executionProvider}`;
    this.#session = session;
    this.#slots = FrameSlots.allocate({ slotCount: 1, pictureBytes: session.pictureBytes, metaBytes: 0 });
    this.#letterboxer = new Letterboxer(this.#slots, width, height, this.#scaler);
    const classCount = classes.length;
    this.#decoder = new DetectionDecoder({ candidateCount, classCount, scoreThreshold, iouThreshold });
    this.#packed = new Float32Array(this.#decoder.maxDetections * PACKED_FIELDS);
  }

  /** Detections in the frame's own pixels. Rejects with `frame-unreadable` for a pixel format that cannot be scaled. */
  async detect(frame: Frame): Promise<Detection[]> {
    const letterbox = this.#letterboxer.write(0, frame);
    if (!letterbox)
      throw new LanecastError('frame-unreadable', `a frame of pixel format ${frame.format} cannot be scaled`);
    this.#session.input.set(this.#slots.picture(0));
    await this.#session.run(1);
    const count = this.#decoder.decode(this.#session.output, 0, letterbox, this.#packed, 0);
    return Array.from({ length: count }, (_, i) => unpackDetection(this.#packed, i));
  }

  async close(): Promise<void> {
    this.#scaler.close();
    await this.#session.close();
  }
}
