/** What is in a video file. */
import * as av from 'node-av/lib';
import { AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264 } from 'node-av/constants';
import { LanecastError } from '@lanecast/server/core/errors';
import { quietLibraries } from '../quiet-libraries.js';

export interface VideoFacts {
  isH264: boolean;
  widthPx: number;
  heightPx: number;
  fps: number;
  durationS: number;
  frames: number;
  /** Pictures that may follow others out of order; 0: no B-frames. */
  reorderDepth: number;
}

/** @throws LanecastError `video-unreadable` when FFmpeg finds no video in it. */
export async function inspectVideo(path: string): Promise<VideoFacts> {
  quietLibraries();
  const input = new av.FormatContext();
  input.allocContext();
  const opened = await input.openInput(path);
  if (opened < 0) throw unreadable(path, new av.FFmpegError(opened).message);
  try {
    await input.findStreamInfo();
    const stream = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)];
    if (stream === undefined) throw unreadable(path, 'no video in it');
    const { codecpar, avgFrameRate } = stream;
    return {
      isH264: codecpar.codecId === AV_CODEC_ID_H264,
      widthPx: codecpar.width,
      heightPx: codecpar.height,
      fps: avgFrameRate.num / avgFrameRate.den,
      durationS: Number(input.duration) / 1e6,
      frames: Number(stream.nbFrames),
      reorderDepth: codecpar.videoDelay,
    };
  } finally {
    await input.closeInput();
  }
}

function unreadable(path: string, reason: string): LanecastError {
  return new LanecastError(
    'video-unreadable',
    `Reading the video ${path}: ${reason}. Name another file, or delete it.`,
  );
}
