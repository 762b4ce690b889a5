import { isDeepStrictEqual } from 'node:util';
import type { Config, StreamConfig } from './schema.js';

/** What must be done to come from the configuration that runs to another one. */
export interface ConfigChanges {
  added: StreamConfig[];
  /** Ids. */
  removed: string[];
  /** Another address, or another way to reach it: these cameras are connected anew. */
  reconnected: StreamConfig[];
  /** Ids of streams of which only the calibration is another: nothing is interrupted. */
  calibrated: string[];
  /** The same streams come in another order. */
  reordered: boolean;
  /** Settings beside the streams that change while the server runs, as `section.key`. */
  live: string[];
  /** Settings that change with the next start only, as `section.key`. */
  needsRestart: string[];
}

/** Settings beside the streams that can change while the server runs. */
export const LIVE_SETTINGS: ReadonlySet<string> = new Set(['speed.scaleMPerPx', 'log.level']);

type Section = Exclude<keyof Config, 'streams'>;

/** Compares what runs with what shall run. Pure. */
export function diffConfig(running: Config, next: Config): ConfigChanges {
  const before = new Map(running.streams.map((stream) => [stream.id, stream]));
  const after = new Set(next.streams.map(({ id }) => id));
  const changes: ConfigChanges = {
    added: next.streams.filter(({ id }) => !before.has(id)),
    removed: running.streams.map(({ id }) => id).filter((id) => !after.has(id)),
    reconnected: [],
    calibrated: [],
    reordered: false,
    live: [],
    needsRestart: [],
  };
  for (const stream of next.streams) {
    const old = before.get(stream.id);
    if (!old) continue;
    if (!isDeepStrictEqual(reachedBy(old), reachedBy(stream))) changes.reconnected.push(stream);
    else if (!isDeepStrictEqual(calibrationOf(running, old), calibrationOf(next, stream)))
      changes.calibrated.push(stream.id);
  }
  const kept = (config: Config, others: { has(id: string): boolean }): string[] =>
    config.streams.map(({ id }) => id).filter((id) => others.has(id));
  changes.reordered = !isDeepStrictEqual(kept(running, after), kept(next, before));
  for (const path of differences(running, next))
    (LIVE_SETTINGS.has(path) ? changes.live : changes.needsRestart).push(path);
  return changes;
}

/** What runs after the changes: `next`, but the settings that need a restart are as they were. */
export function runningAfter(running: Config, next: Config): Config {
  const result = structuredClone({ ...running, streams: next.streams });
  for (const path of LIVE_SETTINGS) {
    const [section, key] = path.split('.') as [Section, string];
    Object.assign(result[section], { [key]: (next[section] as Record<string, unknown>)[key] });
  }
  return result;
}

/** True if there is nothing to do and nothing to say. */
export function isNoChange({ added, removed, reconnected, calibrated, reordered, live }: ConfigChanges): boolean {
  return [added, removed, reconnected, calibrated, live].every((list) => list.length === 0) && !reordered;
}

/** One line for the log; never an address, which may hold a password. */
export function describeChanges(changes: ConfigChanges): string {
  const part = (verb: string, ids: readonly string[]): string[] =>
    ids.length > 0 ? [`${verb} ${ids.join(', ')}`] : [];
  const ids = (streams: readonly StreamConfig[]): string[] => streams.map(({ id }) => id);
  const parts = [
    ...part('added', ids(changes.added)),
    ...part('removed', changes.removed),
    ...part('connected anew', ids(changes.reconnected)),
    ...part('calibrated', changes.calibrated),
    ...part('set', changes.live),
    ...(changes.reordered ? ['in another order'] : []),
  ];
  return parts.join('; ') || 'nothing that runs is another';
}

function differences(a: Config, b: Config): string[] {
  const paths: string[] = [];
  for (const section of Object.keys(a) as (keyof Config)[]) {
    if (section === 'streams') continue;
    const [left, right] = [a[section] as Record<string, unknown>, b[section] as Record<string, unknown>];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      if (!isDeepStrictEqual(left[key], right[key])) paths.push(`${section}.${key}`);
  }
  return paths.sort();
}

/** All of a stream but its calibration. */
function reachedBy(stream: StreamConfig): unknown {
  return { ...stream, tlsAllowSelfSigned: stream.tlsAllowSelfSigned ?? false, scaleMPerPx: null, calibration: null };
}

function calibrationOf({ speed }: Config, { calibration, scaleMPerPx }: StreamConfig): unknown {
  if (calibration) return calibration;
  return scaleMPerPx === undefined ? { default: speed.scaleMPerPx } : { scaleMPerPx };
}
