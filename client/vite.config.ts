import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** `npm run dev -w client`: the page from here, everything else from a server that runs. */
const server = process.env['LANECAST_URL'] ?? 'http://127.0.0.1:8080';
const proxied = ['/api', '/stream', '/snapshot', '/snapshot.jpg', '/whep', '/metrics', '/healthz', '/readyz'];

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // Inlined assets would be data: URLs, which the server's content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: {
      ...Object.fromEntries(proxied.map((path) => [path, server])),
      '/ws': { target: server, ws: true },
    },
  },
});
