import { existsSync, readFileSync, renameSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { Calibration } from '../config/calibration.js';
import { StreamId } from '../config/schema.js';
import { LanecastError, messageOf } from '../core/errors.js';
import { replaceFile } from '../ops/replace-file.js';

const FILE_NAME = 'calibration.json';

const SavedFile = v.strictObject({ version: v.literal(1), streams: v.record(StreamId, Calibration) });

/**
 * The calibrations that were set while the server ran, by stream id, kept in `calibration.json` of a directory. Streams
 * that are not configured at present keep theirs. The file is replaced whole (written beside, flushed, renamed): a
 * crash or a full disk leaves the old one. One server a directory.
 */
export class CalibrationStore {
  readonly #directory: string | null;
  #saved: ReadonlyMap<string, Calibration>;
  /** Why nothing can be saved; null if it can. */
  #blocked: string | null = null;
  readonly #notices: string[] = [];
  /** Writes follow one another. */
  #last: Promise<unknown> = Promise.resolve();

  /** With null nothing is kept. A file that cannot be used is no reason to fail: `notices` says what became of it. */
  constructor(directory: string | null) {
    this.#directory = directory;
    this.#saved = new Map();
    if (directory !== null) this.#load(join(directory, FILE_NAME));
  }

  /** What went wrong at the start, one line each, with the remedy. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /** False if there is no directory: what is set is forgotten at the end. */
  get persistent(): boolean {
    return this.#directory !== null;
  }

  get(streamId: string): Calibration | undefined {
    return this.#saved.get(streamId);
  }

  /**
   * Saves a stream's calibration, or forgets it (null); resolves when it is on the disk. Rejects with a LanecastError
   * `calibration-not-saved`; then nothing has changed, on the disk and here.
   */
  set(streamId: string, calibration: Calibration | null): Promise<void> {
    const write = this.#last.then(() => this.#set(streamId, calibration));
    this.#last = write.catch(() => undefined);
    return write;
  }

  async #set(streamId: string, calibration: Calibration | null): Promise<void> {
    if (this.#directory === null) return;
    const next = new Map(this.#saved);
    if (calibration) next.set(streamId, calibration);
    else if (!next.delete(streamId)) return;
    const path = join(this.#directory, FILE_NAME);
    if (this.#blocked !== null) throw notSaved(path, this.#blocked);
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const streams = Object.fromEntries([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
      await replaceFile(path, `${JSON.stringify({ version: 1, streams }, null, 1)}\n`);
    } catch (cause) {
      throw notSaved(path, messageOf(cause), cause);
    }
    this.#saved = next;
  }

  #load(path: string): void {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#blocked = messageOf(error);
      this.#notices.push(
        `the saved calibrations cannot be read (${this.#blocked}): those of the configuration are used`,
      );
      return;
    }
    try {
      this.#saved = new Map(Object.entries(parseSaved(text).streams));
    } catch (error) {
      this.#setAside(path, messageOf(error));
    }
  }

  /** A damaged file is kept for its owner to mend, under another name. */
  #setAside(path: string, fault: string): void {
    const aside = freeName(`${path}.damaged`);
    let fate: string;
    try {
      renameSync(path, aside);
      fate = `it was renamed to ${aside}: mend it and rename it back, or calibrate again`;
    } catch (error) {
      this.#blocked = `${path} is damaged and cannot be renamed (${messageOf(error)})`;
      fate = 'it could not be renamed, so nothing will be saved: mend or remove it';
    }
    this.#notices.push(
      `the saved calibrations in ${path} are damaged (${fault}) and are not used, those of the configuration are; ${fate}`,
    );
  }
}

function notSaved(path: string, reason: string, cause?: unknown): LanecastError {
  return new LanecastError(
    'calibration-not-saved',
    `the calibration could not be saved to ${path} (${reason}), so it was not changed; make room or give rights there, or start with another --state-dir`,
    { cause },
  );
}

/** Throws what is wrong with the text. */
function parseSaved(text: string): v.InferOutput<typeof SavedFile> {
  const result = v.safeParse(SavedFile, JSON.parse(text));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}

function freeName(wanted: string): string {
  let name = wanted;
  for (let n = 2; existsSync(name); n++) name = `${wanted}.${n}`;
  return name;
}
