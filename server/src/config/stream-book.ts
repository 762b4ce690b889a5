import { existsSync, readFileSync, renameSync } from 'node:fs';
import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { LanecastError, messageOf } from '../core/errors.js';
import { replaceFile } from '../ops/replace-file.js';
import { faultsOf, unreadable } from './load.js';
import { type Config, StreamConfig, StreamId } from './schema.js';
import { editList, type StreamEdit } from './stream-edit.js';
import { notEditable, writeStreams } from './yaml-edit.js';

/** Where it is written down which cameras there are, so that changes of the running server outlive it. */
export interface StreamBook {
  /** False: what is changed is forgotten at the end. */
  readonly persistent: boolean;
  /**
   * Writes an edit down and resolves to the whole configuration with it. One at a time. Rejects with the LanecastErrors
   * of `editList`, `config-*`, `config-not-saved`; then nothing has changed on the disk.
   */
  edit(edit: StreamEdit): Promise<Config>;
}

/** So often an edit begins anew when somebody else writes the file at the same moment. */
const ATTEMPTS = 3;

/** The `streams` of the configuration file. Each edit begins with what the file says at that moment. */
export class YamlStreamBook implements StreamBook {
  readonly persistent = true;
  readonly #file: string;
  readonly #load: (text: string) => Config;
  readonly #onWritten: (text: string) => void;

  /**
   * @param load the configuration that a text of the file makes; throws `config-*`
   * @param onWritten told what was written, before anybody can notice it otherwise
   */
  constructor(file: string, load: (text: string) => Config, onWritten: (text: string) => void) {
    this.#file = file;
    this.#load = load;
    this.#onWritten = onWritten;
  }

  async edit(edit: StreamEdit): Promise<Config> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const text = await this.#read();
      const streams = editList(this.#load(text).streams, edit);
      const next = writeStreams(text, streams);
      const config = this.#load(next);
      // Anchors and merges may make of a text something else than was meant.
      if (!isDeepStrictEqual(plain(config.streams), plain(streams))) throw notEditable('it uses anchors or merges');
      if ((await this.#read()) !== text) continue;
      await this.#write(next);
      return config;
    }
    throw new LanecastError('config-not-saved', `${this.#file} is being written by somebody else: try again`);
  }

  async #read(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (cause) {
      throw unreadable(this.#file, cause);
    }
  }

  async #write(text: string): Promise<void> {
    try {
      // A link stays one: what it leads to is replaced.
      const target = await realpath(this.#file);
      const { mode } = await stat(target);
      this.#onWritten(text);
      await replaceFile(target, text, mode & 0o777);
    } catch (cause) {
      throw new LanecastError(
        'config-not-saved',
        `the change could not be saved to ${this.#file} (${messageOf(cause)}), so nothing was changed; ${remedyOf(cause)}`,
        { cause },
      );
    }
  }
}

function remedyOf(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EBUSY':
      return 'it is mounted alone: mount its directory, so that it can be replaced';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'the server may not write there: docs/operations.md tells, under "Cameras by HTTP", how it may';
    case 'ENOSPC':
      return 'make room there';
    default:
      return 'make room, or give the server rights to its directory';
  }
}

const FILE_NAME = 'streams.json';
const SavedFile = v.strictObject({
  version: v.literal(1),
  /** Added, or in place of those that the command line names. */
  set: v.array(StreamConfig),
  removed: v.array(StreamId),
});

/**
 * For a server whose cameras were named on the command line: what differs from them is kept in `streams.json` of the
 * state directory, and applies to later starts without a configuration file.
 */
export class StateStreamBook implements StreamBook {
  readonly #directory: string | null;
  readonly #base: Config;
  #streams: readonly StreamConfig[];
  #blocked: string | null = null;
  readonly #notices: string[] = [];

  /** With null nothing is kept. A file that cannot be used is no reason to fail: `notices` says what became of it. */
  constructor(directory: string | null, base: Config) {
    this.#directory = directory;
    this.#base = base;
    this.#streams = base.streams;
    if (directory !== null) this.#load(join(directory, FILE_NAME));
  }

  get persistent(): boolean {
    return this.#directory !== null;
  }

  /** What is unexpected about the cameras, one line each. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /** The configuration with what was saved. */
  get config(): Config {
    return { ...this.#base, streams: [...this.#streams] };
  }

  async edit(edit: StreamEdit): Promise<Config> {
    const streams = editList(this.#streams, edit);
    if (streams.length > MAX_STREAMS)
      throw new LanecastError('config-invalid', `There are ${MAX_STREAMS} streams already, which is the limit`);
    if (this.#directory !== null) await this.#save(this.#directory, streams);
    this.#streams = streams;
    return this.config;
  }

  async #save(directory: string, streams: readonly StreamConfig[]): Promise<void> {
    const path = join(directory, FILE_NAME);
    const base = new Map(this.#base.streams.map((stream) => [stream.id, stream]));
    const ids = new Set(streams.map(({ id }) => id));
    const saved: v.InferOutput<typeof SavedFile> = {
      version: 1,
      set: streams.filter((stream) => !isDeepStrictEqual(plain(stream), plain(base.get(stream.id)))),
      removed: [...base.keys()].filter((id) => !ids.has(id)),
    };
    try {
      if (this.#blocked !== null) throw new Error(this.#blocked);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await replaceFile(path, `${JSON.stringify(saved, null, 1)}\n`);
    } catch (cause) {
      throw new LanecastError(
        'config-not-saved',
        `the change could not be saved to ${path} (${messageOf(cause)}), so nothing was changed; make room or give rights there, or start with another --state-dir`,
        { cause },
      );
    }
  }

  #load(path: string): void {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#blocked = messageOf(error);
      this.#notices.push(`the cameras that were set at run time cannot be read (${this.#blocked}) and are missing`);
      return;
    }
    try {
      const { set, removed } = parseSaved(text);
      const own = new Map(set.map((stream) => [stream.id, stream]));
      const kept = this.#base.streams.filter(({ id }) => !removed.includes(id)).map((s) => own.get(s.id) ?? s);
      const known = new Set(kept.map(({ id }) => id));
      this.#streams = [...kept, ...set.filter(({ id }) => !known.has(id))].slice(0, MAX_STREAMS);
      const count = set.length + removed.length;
      if (count > 0)
        this.#notices.push(
          `${count} ${count === 1 ? 'camera differs' : 'cameras differ'} from the command line, as set at run time; ${path} keeps them, without it they are as named`,
        );
    } catch (error) {
      this.#setAside(path, messageOf(error));
    }
  }

  /** A damaged file is kept for its owner to mend, under another name. */
  #setAside(path: string, fault: string): void {
    let aside = `${path}.damaged`;
    for (let n = 2; existsSync(aside); n++) aside = `${path}.damaged.${n}`;
    try {
      renameSync(path, aside);
      this.#notices.push(
        `the cameras that were set at run time (${path}) are damaged (${fault}) and missing; the file is ${aside} now: mend it and rename it back`,
      );
    } catch (error) {
      this.#blocked = `${path} is damaged and cannot be renamed (${messageOf(error)})`;
      this.#notices.push(`${this.#blocked}: no camera can be changed until it is mended or removed`);
    }
  }
}

export const MAX_STREAMS = 256;

/** Throws what is wrong with the text, without any value of it. */
function parseSaved(text: string): v.InferOutput<typeof SavedFile> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message shows a piece of the text, which may be a password.
    throw new Error('it is no JSON');
  }
  const result = v.safeParse(SavedFile, value);
  if (result.success) return result.output;
  throw new Error(faultsOf(result.issues, 'the file')[0]!.message);
}

/** Without the difference between absent and undefined. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
