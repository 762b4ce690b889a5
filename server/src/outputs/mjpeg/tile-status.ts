import type { StreamState } from '../../core/types.js';
import { durationText, timeText } from './labels.js';

/** What a tile says about its stream besides the picture; sent to the compositor once a second and at each change. */
export interface TileStatus {
  streamId: string;
  state: StreamState;
  /** One line that says what to do; null while live. */
  reason: string | null;
  /** Detected frames per second. */
  fps: number;
  /** 0..1. */
  dropRate: number;
  /** Wall-clock milliseconds since when the stream is (or is not) live. */
  sinceEpochMs: number;
}

/** Why a tile shows no current picture. */
export interface Outage {
  title: string;
  reason: string;
  /** `since 14:03:22, 2 min 05 s`. */
  since: string;
}

/** A picture older than this is not shown as current. */
export const PICTURE_STALE_MS = 3000;

/**
 * Null if the tile may show its picture as current. A stream that is not live has no signal, however fresh its last
 * picture; a live one whose pictures do not come any more says that too.
 *
 * @param pictureAgeMs age of the tile's newest picture; null if there was none since the tile was opened `openForMs` ago
 */
export function outageOf(
  status: TileStatus,
  pictureAgeMs: number | null,
  openForMs: number,
  nowEpochMs: number,
): Outage | null {
  const since = (epochMs: number): string => `since ${timeText(epochMs)}, ${durationText(nowEpochMs - epochMs)}`;
  if (status.state !== 'live') {
    const first = status.state === 'connecting' && status.reason === null;
    return {
      title: first ? 'CONNECTING' : 'NO SIGNAL',
      reason: status.reason ?? (first ? 'Waiting for the camera' : 'The camera sends no video'),
      since: since(status.sinceEpochMs),
    };
  }
  const waitedMs = pictureAgeMs ?? openForMs;
  if (waitedMs < PICTURE_STALE_MS) return null;
  return {
    title: 'NO PICTURE',
    reason: 'The camera is connected, but none of its frames has been processed',
    since: since(nowEpochMs - waitedMs),
  };
}
