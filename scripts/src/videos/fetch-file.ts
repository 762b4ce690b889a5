/** Downloads a file; what came already stays, and the next try goes on from there. */
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';

const SILENCE_MS = 30_000;

export interface FetchFileOptions {
  url: string;
  path: string;
  minBytes: number;
  /** What to do if it cannot be had; the end of the error's message. */
  advice?: string;
  /** For tests. */
  fetch?: typeof globalThis.fetch;
}

/**
 * Brings `url` to `path`, unless it is there; `path` appears only when it is whole.
 * @throws LanecastError `download-failed`.
 */
export async function fetchFile(options: FetchFileOptions): Promise<'there' | 'fetched'> {
  const { url, path, minBytes } = options;
  if ((await sizeOf(path)) >= minBytes) return 'there';
  const partialPath = `${path}.part`;
  try {
    await fetchPart(options, partialPath);
    const bytes = await sizeOf(partialPath);
    if (bytes < minBytes) {
      await rm(partialPath, { force: true });
      throw new Error(`the answer is only ${bytes} bytes long`);
    }
    await rename(partialPath, path);
  } catch (cause) {
    const { advice = 'or slice files of your own with --from.' } = options;
    throw new LanecastError(
      'download-failed',
      `Downloading ${url}: ${reasonOf(cause)}. This needs the internet. Check the connection and run it again, ${advice}`,
      { cause },
    );
  }
  return 'fetched';
}

async function fetchPart({ url, fetch = globalThis.fetch }: FetchFileOptions, partialPath: string): Promise<void> {
  const haveBytes = await sizeOf(partialPath);
  const abort = new AbortController();
  const giveUp = (): void => abort.abort(new Error(`nothing came for ${SILENCE_MS / 1000} s`));
  let timer = setTimeout(giveUp, SILENCE_MS);
  try {
    const headers: Record<string, string> = haveBytes > 0 ? { range: `bytes=${haveBytes}-` } : {};
    const response = await fetch(url, { headers, signal: abort.signal });
    // 416: the part is already all there is, or of another version; either way a fresh start settles it.
    if (response.status === 416) await rm(partialPath, { force: true });
    if (!response.ok || response.body === null) throw new Error(`the server answers ${response.status}`);
    const goesOn = response.status === 206;
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    body.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE_MS);
    });
    await pipeline(body, createWriteStream(partialPath, { flags: goesOn ? 'a' : 'w' }));
    const announced = Number(response.headers.get('content-length') ?? NaN);
    const expected = announced + (goesOn ? haveBytes : 0);
    const got = await sizeOf(partialPath);
    // A coded body's length is not the file's.
    const isPlain = response.headers.get('content-encoding') === null;
    if (isPlain && !Number.isNaN(expected) && got !== expected) {
      throw new Error(`the connection broke after ${got} of ${expected} bytes`);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** fetch hides the reason ("fetch failed") in its cause. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
  return `${messageOf(error)}${inner}`;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}
