import { readFileSync } from 'node:fs';

/** A file of the page that the server itself brings. */
export interface StaticFile {
  path: string;
  contentType: string;
  body: Buffer;
}

const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/app.js', 'app.js', 'text/javascript; charset=utf-8'],
  ['/style.css', 'style.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;

/** Reads the page's few files, from `server/public`; they are served from memory, and only they. */
export function readStaticFiles(): StaticFile[] {
  return FILES.map(([path, file, contentType]) => ({
    path,
    contentType,
    body: readFileSync(new URL(`../../../public/${file}`, import.meta.url)),
  }));
}
