import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LanecastError } from '../../core/errors.js';

/** Bytes to send: in memory, or for what is large and rarely asked for, where they lie. */
export interface StaticBody {
  body: Buffer | null;
  file: string;
  bytes: number;
}

/** A file of the dashboard, as it is served. */
export interface StaticFile {
  path: string;
  contentType: string;
  cacheControl: string;
  plain: StaticBody;
  /** The same, compressed by the build; null where that was not worth it. */
  brotli: StaticBody | null;
}

/** The WebAssembly files have tens of megabytes. */
const MAX_IN_MEMORY_BYTES = 512 << 10;

const DASHBOARD = fileURLToPath(new URL('../../../../client/dist', import.meta.url));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Reads the built dashboard (`client/dist`); these files are served, and only they. Throws a LanecastError
 * `dashboard-missing` if it was not built.
 */
export function readStaticFiles(directory = DASHBOARD): StaticFile[] {
  let names: string[];
  try {
    names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw new LanecastError('dashboard-missing', `There is no dashboard in ${directory}; build it: npm run build`, {
      cause: error,
    });
  }
  const files: StaticFile[] = [];
  const known = new Set(names.map((path) => path.replaceAll('\\', '/')));
  for (const name of known) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    files.push({
      // Pages go without their ending.
      path: name === 'index.html' ? '/' : `/${name.replace(/\.html$/, '')}`,
      contentType,
      // The names of assets hold a hash of what is in them.
      cacheControl: name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      plain: readBody(`${directory}/${name}`),
      brotli: known.has(`${name}.br`) ? readBody(`${directory}/${name}.br`) : null,
    });
  }
  return files;
}

function readBody(file: string): StaticBody {
  const bytes = statSync(file).size;
  return { body: bytes <= MAX_IN_MEMORY_BYTES ? readFileSync(file) : null, file, bytes };
}
