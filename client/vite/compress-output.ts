import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(js|mjs|css|html|svg|wasm)$/;
const MIN_BYTES = 1024;
/** 11 would save 8 % more of the WebAssembly and take half a minute. */
const QUALITY = 9;

/**
 * Writes `FILE.br` beside what compresses well, for the server to send as it is. Results are kept by content: the
 * WebAssembly of ONNX Runtime, 55 MB, is the same at every build.
 */
export function compressOutput(cacheDirectory: string): Plugin {
  return {
    name: 'lanecast:compress-output',
    apply: 'build',
    writeBundle({ dir }) {
      if (dir === undefined) return;
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!COMPRESSIBLE.test(name)) continue;
        const bytes = readFileSync(join(dir, name));
        if (bytes.length >= MIN_BYTES) writeFileSync(join(dir, `${name}.br`), compressed(bytes, cacheDirectory));
      }
    },
  };
}

function compressed(bytes: Buffer, cacheDirectory: string): Buffer {
  const key = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const cached = join(cacheDirectory, `${key}-q${QUALITY}.br`);
  if (existsSync(cached)) return readFileSync(cached);
  const result = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  mkdirSync(cacheDirectory, { recursive: true });
  writeFileSync(cached, result);
  return result;
}
