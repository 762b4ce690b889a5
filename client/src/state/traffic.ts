import type { FrameMessage } from '../overlay/frame-message.js';
import { trackLabel } from '../overlay/track-label.js';

/** What is on the road at this moment, over all cameras. */
export interface Traffic {
  vehicles: number;
  byClass: { className: string; count: number }[];
  /** Fastest first. */
  fastest: { stream: string; id: number; className: string; speedKmh: number; sigmaKmh: number }[];
  /** Mean of the speeds that are known; null if none is. */
  meanKmh: number | null;
}

/** Sums up the newest message of each stream. Speeds that would not be written beside their box do not count. */
export function sumUp(newest: ReadonlyMap<string, FrameMessage>, atMost = 5): Traffic {
  const counts = new Map<string, number>();
  const fastest: Traffic['fastest'] = [];
  let vehicles = 0;
  for (const [stream, message] of newest) {
    for (const track of message.tracks) {
      vehicles++;
      counts.set(track.className, (counts.get(track.className) ?? 0) + 1);
      if (track.speedKmh === null || !trackLabel(track).speed) continue;
      const { id, className, speedKmh } = track;
      fastest.push({ stream, id, className, speedKmh, sigmaKmh: track.speedSigmaKmh ?? 0 });
    }
  }
  fastest.sort((a, b) => b.speedKmh - a.speedKmh);
  const meanKmh = fastest.length > 0 ? fastest.reduce((sum, { speedKmh }) => sum + speedKmh, 0) / fastest.length : null;
  const byClass = [...counts].map(([className, count]) => ({ className, count }));
  byClass.sort((a, b) => b.count - a.count || a.className.localeCompare(b.className));
  return { vehicles, byClass, fastest: fastest.slice(0, atMost), meanKmh };
}
