import { describeForDetector } from '../detector.js';
import type { DetectorInfo } from '../types.js';

/**
 * What detection runs on where only pages detect: the model's description is all that the server needs of it. Throws a
 * LanecastError as `Detector.start` does for a model that cannot be used.
 */
export function lentDetectorInfo(modelPath: string): DetectorInfo {
  const model = describeForDetector(modelPath);
  return {
    model: model.source,
    executionProvider: 'browser',
    executionProviderReason: null,
    precision: model.precision,
    inputWidth: model.width,
    inputHeight: model.height,
    classes: model.classes,
    confidentScore: model.confidentScore,
    maxBatch: 0,
    maxWaitMs: 0,
    nmsBackend: 'cpu',
    nmsBackendReason: null,
  };
}
