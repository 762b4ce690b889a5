import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLIENT = fileURLToPath(new URL('../../../client/', import.meta.url));
const OUT = fileURLToPath(new URL('../wall-page/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface WallPage {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the bench's page on loopback, with the renderers of this checkout: built here, or in `built`, a folder where an
 * earlier call built it (for machines without Vite). The caller closes it.
 */
export async function serveWallPage(built?: string): Promise<WallPage> {
  if (built === undefined) await buildPage();
  const folder = built ?? OUT;

  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    const file = join(folder, path === '/' ? 'wall-bench.html' : path);
    void access(file).then(
      () => {
        response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
        createReadStream(file).pipe(response);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function buildPage(): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: CLIENT,
    configFile: join(CLIENT, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: OUT, emptyOutDir: true, rolldownOptions: { input: join(CLIENT, 'wall-bench.html') } },
    worker: { format: 'es' },
  });
}
