import { readFileSync } from 'node:fs';
import { readCommandLine } from './flags.js';
import type { FollowedFile } from './live-config.js';
import { parseConfigText, unreadable } from './load.js';
import type { Config } from './schema.js';
import { StateStreamBook, type StreamBook, YamlStreamBook } from './stream-book.js';

/** What a server starts with: its configuration, and where that comes from and goes to. */
export interface ServerSetup {
  config: Config;
  file: FollowedFile | null;
  createBook: (onWritten: (text: string) => void) => StreamBook;
  /** What is odd about it, one line each. */
  notices: readonly string[];
}

/**
 * The server's configuration by its command line, its environment and, where one is named, its file. Throws LanecastErrors
 * `config-*`, `flag-invalid`.
 */
export function readSetup(argv: readonly string[], environment: NodeJS.ProcessEnv): ServerSetup {
  const { file: path, compose, notices } = readCommandLine(argv, environment);
  if (path === null) {
    const base = compose(null);
    const book = new StateStreamBook(base.state.directory ?? null, base);
    return { config: book.config, file: null, createBook: () => book, notices: [...notices, ...book.notices] };
  }
  const load = (text: string): Config => compose(parseConfigText(text, path));
  const text = read(path);
  return {
    config: load(text),
    file: { path, text, load },
    createBook: (onWritten) => new YamlStreamBook(path, load, onWritten),
    notices,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
