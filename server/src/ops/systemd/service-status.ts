import type { StreamInfo } from '../../core/types.js';

/** The line that `systemctl status` shows. */
export function serviceStatus(
  streams: readonly Pick<StreamInfo, 'state'>[],
  framesPerS: number,
  viewers: number,
  notAlive: string | null,
): string {
  const live = streams.filter(({ state }) => state === 'live').length;
  const figures = `${live} of ${streams.length} cameras live, ${Math.round(framesPerS)} frames/s, ${viewers} watching`;
  return notAlive === null ? figures : `${figures}; ${notAlive}`;
}
