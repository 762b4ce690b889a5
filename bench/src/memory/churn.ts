/** Who comes and goes, and when: a seeded plan for one round, so that a run can be repeated. Pure. */

export const VIEWER_KINDS = ['mjpeg-grid', 'mjpeg-stream', 'snapshot', 'events', 'whep', 'dashboard'] as const;
export type ViewerKind = (typeof VIEWER_KINDS)[number];

export type ChurnEvent =
  /** Comes at `atS` and leaves `lastsS` later; `rude`: without a word. */
  | { kind: 'viewer'; viewer: ViewerKind; camera: number; rude: boolean; atS: number; lastsS: number }
  /** The camera dies at `atS` and is back `lastsS` later. */
  | { kind: 'camera'; camera: number; atS: number; lastsS: number };

export interface ChurnOptions {
  cameras: number;
  /** Visits of one round: each kind of viewer gets at least one of six. */
  visits: number;
  /** Share of them who vanish without a word, 0..1. */
  rude: number;
  /** Everybody has left and every camera is back by then. */
  busyS: number;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** Cameras that die in one round. */
const DEATHS = 1;

export function planRound({ cameras, visits, rude, busyS, random }: ChurnOptions): ChurnEvent[] {
  const between = (low: number, high: number): number => low + (high - low) * random();
  const below = (limit: number): number => Math.floor(limit * random());
  const events: ChurnEvent[] = [];
  for (let i = 0; i < visits; i++) {
    const lastsS = between(0.1, 0.4) * busyS;
    events.push({
      kind: 'viewer',
      viewer: VIEWER_KINDS[i % VIEWER_KINDS.length]!,
      camera: below(cameras),
      rude: random() < rude,
      atS: between(0, busyS - lastsS),
      lastsS,
    });
  }
  for (let i = 0; i < DEATHS; i++) {
    const lastsS = between(0.05, 0.2) * busyS;
    // Not to the end: the server waits longer and longer before it tries again.
    events.push({ kind: 'camera', camera: below(cameras), atS: between(0, 0.7 * busyS - lastsS), lastsS });
  }
  return events.sort((a, b) => a.atS - b.atS);
}
