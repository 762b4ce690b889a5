import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LanecastError } from '../../core/errors.js';

/** A file of the dashboard, as it is served. */
export interface StaticFile {
  path: string;
  contentType: string;
  cacheControl: string;
  body: Buffer;
}

const DASHBOARD = fileURLToPath(new URL('../../../../client/dist', import.meta.url));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Reads the built dashboard (`client/dist`); its files are served from memory, and only they. Throws a LanecastError
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
  for (const name of names.map((path) => path.replaceAll('\\', '/'))) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    files.push({
      path: name === 'index.html' ? '/' : `/${name}`,
      contentType,
      // The names of assets hold a hash of what is in them.
      cacheControl: name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      body: readFileSync(`${directory}/${name}`),
    });
  }
  return files;
}
