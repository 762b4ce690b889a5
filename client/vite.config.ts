import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { compressOutput } from './vite/compress-output.js';

/** `npm run dev -w client`: the page from here, everything else from a server that runs. */
const server = process.env['LANECAST_URL'] ?? 'http://127.0.0.1:8080';
const proxied = [
  '/api',
  '/stream',
  '/snapshot',
  '/snapshot.jpg',
  '/whep',
  '/metrics',
  '/healthz',
  '/readyz',
  '/models',
];
const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** As the server sends them: without isolation there are no WebAssembly threads. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'credentialless' };

export default defineConfig({
  plugins: [svelte(), compressOutput(page('../node_modules/.cache/lanecast-brotli'))],
  resolve: {
    // ONNX Runtime's builds that load their WebAssembly from where they are told to: `ort-runtime.ts`.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  build: {
    target: 'es2022',
    // Inlined assets would be data: URLs, which the server's content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // onnxruntime-web is that large, and loaded only by who detects.
    chunkSizeWarningLimit: 600,
    rolldownOptions: { input: { index: page('index.html'), lab: page('lab.html') } },
  },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  server: {
    host: '127.0.0.1',
    port: 5173,
    headers: isolation,
    proxy: {
      ...Object.fromEntries(proxied.map((path) => [path, server])),
      '/ws': { target: server, ws: true },
    },
  },
});
