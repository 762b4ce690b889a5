/** Publishes a clip with what is here: an ffmpeg program, else in this process. */
import type { FfmpegBinary } from './ffmpeg-binary.js';
import { publishWithFfmpeg } from './ffmpeg-publisher.js';
import { publishInProcess } from './in-process-publisher.js';
import type { ClipPublisher, ClipPublisherOptions } from './publisher.js';
import type { Reaper } from './reaper.js';

/** Starts publishing; it goes on, restarted when it fails, until the publisher is closed. `ffmpeg` null: in process. */
export function publishClip(
  options: ClipPublisherOptions & { ffmpeg: FfmpegBinary | null; reaper: Reaper },
): ClipPublisher {
  const { ffmpeg } = options;
  return ffmpeg === null ? publishInProcess(options) : publishWithFfmpeg({ ...options, ffmpeg });
}
