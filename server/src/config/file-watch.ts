import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const SETTLE_MS = 200;
/** Where the system tells nothing (network file systems, some containers) and across links. */
const POLL_MS = 2000;

/**
 * Follows one file, however it is changed: written in place, replaced by another (editors, atomic saves), reached by a
 * link that is turned (mounted volumes). A text counts when it is the same at two looks in a row: half-written ones pass
 * unseen. Close it.
 */
export class FileWatch {
  readonly #file: string;
  readonly #onChange: (content: string | Error) => void;
  readonly #settleMs: number;
  readonly #poll: NodeJS.Timeout;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #signature = '';
  #known: string;
  #last: string | null = null;
  #closed = false;

  /**
   * @param known the text that its owner has: only another is told
   * @param onChange the text, or why the file cannot be read; each once
   */
  constructor(
    file: string,
    known: string,
    onChange: (content: string | Error) => void,
    { settleMs = SETTLE_MS, pollMs = POLL_MS } = {},
  ) {
    this.#file = file;
    this.#known = known;
    this.#onChange = onChange;
    this.#settleMs = settleMs;
    this.#watchDirectory();
    this.#poll = setInterval(() => void this.#compare(), pollMs);
    this.#poll.unref();
    void this.#compare();
    // It may have changed since its owner read it.
    this.#lookSoon();
  }

  /** Its owner has this text now, from elsewhere. */
  knows(text: string): void {
    this.#known = text;
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    if (this.#timer) clearTimeout(this.#timer);
    this.#watcher?.close();
    this.#watcher = null;
  }

  /** The directory, not the file: a file that is replaced is another one. */
  #watchDirectory(): void {
    const name = basename(this.#file);
    try {
      this.#watcher = watch(dirname(this.#file), { persistent: false }, (_event, changed) => {
        // Kubernetes turns the link `..data`.
        if (changed === null || changed === name || changed.startsWith('..')) this.#lookSoon();
      });
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = null;
      });
    } catch {
      // Looking at it now and then has to do.
    }
  }

  async #compare(): Promise<void> {
    const signature = await stat(this.#file).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => 'none',
    );
    const before = this.#signature;
    this.#signature = signature;
    if (before !== '' && before !== signature) this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#closed) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#settleMs);
  }

  async #look(): Promise<void> {
    this.#timer = null;
    let content: string | Error;
    try {
      content = await readFile(this.#file, 'utf8');
    } catch (error) {
      content = error instanceof Error ? error : new Error(String(error));
    }
    if (this.#closed) return;
    const key = typeof content === 'string' ? content : `\0${content.message}`;
    if (key === this.#known) {
      this.#last = null;
      return;
    }
    if (key !== this.#last) {
      this.#last = key;
      this.#lookSoon();
      return;
    }
    this.#last = null;
    this.#known = key;
    this.#onChange(content);
  }
}
