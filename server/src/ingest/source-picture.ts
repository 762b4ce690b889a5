import type { Frame } from 'node-av/lib';
import type { TrackMessage } from '../core/types.js';
import { i420Planes, type PictureScaler } from './decode/scaler.js';

/** A picture at source resolution, planar I420 of full range, with the tracks that were found in it. */
export interface SnapshotPicture {
  width: number;
  height: number;
  data: Uint8Array;
  message: TrackMessage;
}

/** Copies a frame out at its own size; null if its pixel format cannot be read. */
export function sourcePicture(frame: Frame, message: TrackMessage, scaler: PictureScaler): SnapshotPicture | null {
  // I420 needs even sizes; an odd source loses its last row or column.
  const width = frame.width & ~1;
  const height = frame.height & ~1;
  const data = new Uint8Array((width * height * 3) / 2);
  return scaler.scale(frame, i420Planes(data, width, height, true)) ? { width, height, data, message } : null;
}
