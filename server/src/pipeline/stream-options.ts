import { type Calibration, kindOfCalibration } from '../config/calibration.js';
import type { Config, StreamConfig } from '../config/schema.js';
import type { CalibrationKind } from '../core/types.js';
import type { IngestStreamOptions } from '../ingest/messages.js';

/** How the configuration calibrates a stream; `none`: it gets the default. */
export function configuredCalibration(
  { speed }: Pick<Config, 'speed'>,
  { scaleMPerPx, calibration }: StreamConfig,
): { calibration: Calibration; kind: CalibrationKind } {
  const own = calibration ?? (scaleMPerPx === undefined ? undefined : { scaleMPerPx });
  if (own) return { calibration: own, kind: kindOfCalibration(own) };
  return { calibration: { scaleMPerPx: speed.scaleMPerPx }, kind: 'none' };
}

/** What an ingest worker is told about a stream, of what the configuration says. */
export function configuredIngest(
  { ingest, debug }: Pick<Config, 'ingest' | 'debug'>,
  stream: StreamConfig,
): Omit<IngestStreamOptions, 'index' | 'nvdec' | 'startPtsUs' | 'startEpoch' | 'detector'> {
  const { connectTimeoutMs, stallTimeoutMs, backoffMinMs, backoffMaxMs, maxPicturePixels } = ingest;
  return {
    id: stream.id,
    url: stream.url,
    transport: stream.transport ?? ingest.transport,
    tlsAllowSelfSigned: stream.tlsAllowSelfSigned ?? false,
    maxPicturePixels,
    readFrameNumbers: debug.frameNumbers,
    connectTimeoutMs,
    stallTimeoutMs,
    backoffMinMs,
    backoffMaxMs,
  };
}
