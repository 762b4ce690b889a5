import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcessStat } from './process-stat.js';

export interface ProcessName {
  pid: number;
  /** Null: the file does not say. */
  startTicks: number | null;
}

/**
 * Writes who this process is into the service's runtime directory (`RuntimeDirectory=` of systemd): its pid, and on a
 * second line when it began, so that a pid that another process has got meanwhile is never taken for it. Returns what
 * removes the file; without a runtime directory nothing is written.
 */
export function writePidFile(environment: NodeJS.ProcessEnv, name: string): () => void {
  const directory = environment['RUNTIME_DIRECTORY']?.split(':')[0];
  if (!directory) return () => undefined;
  const path = join(directory, name);
  const startTicks = readProcessStat(process.pid)?.startTicks;
  writeFileSync(path, `${process.pid}\n${startTicks === undefined ? '' : `${startTicks}\n`}`);
  return () => rmSync(path, { force: true });
}

/** Null: there is no such file, or it names no process. */
export function readPidFile(path: string): ProcessName | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const match = /^\s*(\d+)\s*(?:\n(\d+)\s*)?$/.exec(text);
  const pid = Number(match?.[1]);
  if (!match || !Number.isSafeInteger(pid) || pid < 2) return null;
  return { pid, startTicks: match[2] === undefined ? null : Number(match[2]) };
}
