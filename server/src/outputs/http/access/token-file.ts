import { readFileSync, renameSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { StreamId } from '../../../config/schema.js';
import { LanecastError, messageOf } from '../../../core/errors.js';
import { replaceFile } from '../../../ops/replace-file.js';
import { SCOPES } from './grant.js';
import type { StoredToken } from './token-vault.js';

const FILE_NAME = 'tokens.json';

const SavedFile = v.strictObject({
  version: v.literal(1),
  tokens: v.array(
    v.strictObject({
      id: v.string(),
      label: v.string(),
      scopes: v.array(v.picklist(SCOPES)),
      streams: v.nullable(v.array(StreamId)),
      createdAtMs: v.number(),
      expiresAtMs: v.number(),
      digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
});

/** Where made tokens are written down; `notice` says what became of a file that could not be used. */
export interface TokenFile {
  saved: StoredToken[];
  /** Rejects with a LanecastError `token-not-saved`; the old file stays. */
  save: (tokens: readonly StoredToken[]) => Promise<void>;
  persistent: boolean;
  notice: string | null;
}

/** `tokens.json` in the state directory (digests, no secrets); with null nothing is kept over a restart. */
export function openTokenFile(directory: string | null): TokenFile {
  if (directory === null) return { saved: [], save: () => Promise.resolve(), persistent: false, notice: null };
  const path = join(directory, FILE_NAME);
  const save = async (tokens: readonly StoredToken[]): Promise<void> => {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await replaceFile(path, `${JSON.stringify({ version: 1, tokens }, null, 1)}\n`);
    } catch (cause) {
      throw new LanecastError(
        'token-not-saved',
        `The tokens could not be saved to ${path} (${messageOf(cause)}), so nothing was changed; make room or give rights there`,
        { cause },
      );
    }
  };
  const { saved, notice } = load(path);
  return { saved, save, persistent: true, notice };
}

function load(path: string): { saved: StoredToken[]; notice: string | null } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { saved: [], notice: null };
    return { saved: [], notice: `the tokens in ${path} cannot be read (${messageOf(error)}): none of them is good` };
  }
  try {
    return { saved: v.parse(SavedFile, JSON.parse(text)).tokens, notice: null };
  } catch (error) {
    const aside = `${path}.damaged`;
    let fate = `it was renamed to ${aside}`;
    try {
      renameSync(path, aside);
    } catch (cause) {
      fate = `it could not be renamed (${messageOf(cause)})`;
    }
    return { saved: [], notice: `the tokens in ${path} are damaged (${messageOf(error)}): none is good; ${fate}` };
  }
}
