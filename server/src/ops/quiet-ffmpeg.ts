import { AV_LOG_FATAL } from 'node-av/constants';
import { Log } from 'node-av/lib';

/**
 * FFmpeg writes to stderr by itself, a line or more for every broken packet. What we need of it comes back as error
 * codes and is counted; the rest would be logging in the frame path. Holds for the whole process.
 */
export function quietFfmpeg(): void {
  Log.setLevel(AV_LOG_FATAL);
}
