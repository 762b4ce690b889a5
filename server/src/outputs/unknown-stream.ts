import { LanecastError } from '../core/errors.js';
import type { StreamInfo } from '../core/types.js';

/** Error for a stream that is not configured; says which ones are. */
export function unknownStream(streamId: string, streams: readonly Pick<StreamInfo, 'id'>[]): LanecastError {
  const ids = streams.map(({ id }) => id);
  const known = ids.length > 0 ? `there are: ${ids.join(', ')}` : 'none is configured';
  return new LanecastError('stream-unknown', `There is no stream "${streamId}"; ${known}`);
}
