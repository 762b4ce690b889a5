import { readFile } from 'node:fs/promises';
import { LanecastError, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { redactText } from '../core/redact.js';
import { type ConfigChanges, describeChanges, diffConfig, isNoChange, runningAfter } from './changes.js';
import { FileWatch } from './file-watch.js';
import { unreadable } from './load.js';
import type { Config } from './schema.js';
import type { StreamBook } from './stream-book.js';
import type { StreamEdit } from './stream-edit.js';

/** A text that is wrong counts when it stands this long: the rest of it may be on its way. */
const FAULT_PATIENCE_MS = 1000;

/** The configuration file that a server follows. */
export interface FollowedFile {
  path: string;
  /** The text that the running configuration was made of. */
  text: string;
  /** The configuration that a text makes; throws `config-*`. */
  load: (text: string) => Config;
}

export interface LiveConfigOptions {
  /** What runs. */
  config: Config;
  /** null: the configuration changes by the API only. */
  file: FollowedFile | null;
  /** Makes the book; `onWritten` is to be told what it writes to the followed file. */
  createBook: (onWritten: (text: string) => void) => StreamBook;
  /** Brings what runs in line; must not fail. */
  apply: (next: Config, changes: ConfigChanges) => void;
  log: Log;
  /** One line each that stays true while the server runs. */
  notices?: readonly string[];
  faultPatienceMs?: number;
}

/** How the configuration that runs relates to what is written down: a part of `GET /api/config`. */
export interface ConfigStatus {
  /** The file that is followed; null: none. */
  file: string | null;
  /** Whether cameras that are changed by the API are still so after a restart. */
  persistent: boolean;
  /** Why the file is not what runs; null if it is. */
  error: { code: string; message: string } | null;
  /** Settings of the file that hold from the next start on, as `section.key`. */
  needsRestart: string[];
}

/** What became of an edit. */
export interface EditResult {
  changes: ConfigChanges;
  /** False: it is forgotten when the server ends. */
  persisted: boolean;
}

/**
 * The configuration of a running server. Follows its file (what can change, changes; a file with faults is told and the
 * old configuration stays), and takes edits of cameras. Close it.
 */
export class LiveConfig {
  readonly #options: LiveConfigOptions;
  readonly #book: StreamBook;
  readonly #watch: FileWatch | null;
  #running: Config;
  #error: ConfigStatus['error'] = null;
  #needsRestart: string[] = [];
  #faultTimer: NodeJS.Timeout | null = null;
  /** Edits and reloads follow one another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LiveConfigOptions) {
    this.#options = options;
    this.#running = options.config;
    const { file } = options;
    this.#watch = file && new FileWatch(file.path, file.text, (content) => void this.#fileChanged(content));
    this.#book = options.createBook((text) => this.#watch?.knows(text));
  }

  /** What runs. */
  get config(): Config {
    return this.#running;
  }

  status(): ConfigStatus {
    const file = this.#options.file?.path ?? null;
    return { file, persistent: this.#book.persistent, error: this.#error, needsRestart: [...this.#needsRestart] };
  }

  /** What an operator should know, one line each. */
  get notices(): string[] {
    const notices = [...(this.#options.notices ?? [])];
    if (this.#error) notices.push(`the configuration file is not used, the one before it is: ${this.#error.message}`);
    if (this.#needsRestart.length > 0)
      notices.push(`changed in the configuration, in force from the next start on: ${this.#needsRestart.join(', ')}`);
    return notices;
  }

  /** Changes a camera: written down first, then in force. Rejects as `StreamBook.edit`; then nothing has changed. */
  edit(edit: StreamEdit): Promise<EditResult> {
    return this.#next(async () => {
      const next = await this.#book.edit(edit);
      const changes = this.#follow(next, 'the API');
      return { changes, persisted: this.#book.persistent };
    });
  }

  /** Reads the file at once, whether it was seen to change or not; faults are told as always. */
  reload(why: string): Promise<void> {
    return this.#next(async () => {
      const { file, log } = this.#options;
      if (!file) {
        log.info({}, `${why}: there is no configuration file to read`);
        return;
      }
      const content = await readFile(file.path, 'utf8').catch((error: unknown) => new Error(messageOf(error)));
      if (typeof content === 'string') this.#watch?.knows(content);
      this.#take(content, why);
    });
  }

  /** May be called twice. Edits under way are finished. */
  async close(): Promise<void> {
    this.#watch?.close();
    if (this.#faultTimer) clearTimeout(this.#faultTimer);
    await this.#last;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #fileChanged(content: string | Error): Promise<void> {
    if (this.#faultTimer) clearTimeout(this.#faultTimer);
    this.#faultTimer = null;
    return this.#next(() => {
      if (this.#fault(content) === null) this.#take(content, 'the file changed');
      else {
        this.#faultTimer = setTimeout(
          () => this.#take(content, 'the file changed'),
          this.#options.faultPatienceMs ?? FAULT_PATIENCE_MS,
        );
      }
      return Promise.resolve();
    });
  }

  #take(content: string | Error, why: string): void {
    const { log, file } = this.#options;
    const fault = this.#fault(content);
    if (fault) {
      this.#error = fault;
      log.warn({ file: file!.path, code: fault.code }, `the configuration stays as it was: ${fault.message}`);
      return;
    }
    this.#follow(file!.load(content as string), why);
  }

  /** What is wrong with a content of the file; null if it can be used. */
  #fault(content: string | Error): ConfigStatus['error'] {
    const { file } = this.#options;
    try {
      if (content instanceof Error) throw unreadable(file!.path, content);
      file!.load(content);
      return null;
    } catch (error) {
      const code = error instanceof LanecastError ? error.code : 'config-invalid';
      return { code, message: redactText(messageOf(error)) };
    }
  }

  #follow(next: Config, why: string): ConfigChanges {
    const { log, apply } = this.#options;
    const changes = diffConfig(this.#running, next);
    const wasFaulty = this.#error !== null;
    this.#error = null;
    // Whatever was wrong with an earlier text is past.
    if (this.#faultTimer) clearTimeout(this.#faultTimer);
    this.#faultTimer = null;
    this.#running = runningAfter(this.#running, next);
    const newlyPending = changes.needsRestart.filter((path) => !this.#needsRestart.includes(path));
    this.#needsRestart = changes.needsRestart;
    if (!isNoChange(changes)) apply(this.#running, changes);
    log.info({}, `configuration (${why}): ${describeChanges(changes)}${wasFaulty ? '; its faults are mended' : ''}`);
    if (newlyPending.length > 0)
      log.warn({ settings: newlyPending }, `${newlyPending.join(', ')}: in force from the next start on`);
    return changes;
  }
}
