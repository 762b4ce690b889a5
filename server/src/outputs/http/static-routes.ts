import { createReadStream } from 'node:fs';

import type { FastifyInstance } from 'fastify';

import type { StaticFile } from './static-files.js';
import { LAB_POLICY } from './security-headers.js';

/** Whether `Accept-Encoding` (RFC 9110, section 12.5.3) allows brotli. */
export function acceptsBrotli(header: string | undefined): boolean {
  return (header ?? '').split(',').some((part) => {
    const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === 'br' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** The dashboard's files, to anybody; compressed ones as the build compressed them. */
export function registerFiles(app: FastifyInstance, files: readonly StaticFile[]): void {
  for (const { path, contentType, cacheControl, plain, brotli } of files)
    app.get(path, { config: { access: 'public' } }, (request, reply) => {
      reply.header('Cache-Control', cacheControl).type(contentType);
      if (path === '/lab') reply.header('Content-Security-Policy', LAB_POLICY);
      if (brotli) reply.header('Vary', 'Accept-Encoding');
      const compressed = brotli !== null && acceptsBrotli(request.headers['accept-encoding']);
      if (compressed) reply.header('Content-Encoding', 'br');
      const { body, file, bytes } = compressed ? brotli : plain;
      reply.header('Content-Length', bytes);
      return reply.send(body ?? (request.method === 'HEAD' ? '' : createReadStream(file)));
    });
}
