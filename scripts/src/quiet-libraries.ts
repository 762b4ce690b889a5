/** FFmpeg's libraries in this process report errors only: their information goes to the terminal by itself. */
import { Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';

export function quietLibraries(): void {
  Log.setLevel(AV_LOG_ERROR);
}
