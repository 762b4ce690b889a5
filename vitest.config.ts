import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { plugins: [svelte()], test: { name: 'unit', include: ['*/src/**/*.test.ts'] } },
      {
        test: {
          // Real servers, sockets, processes and decoders; against the built dist/, one file at a time (two cores).
          name: 'integration',
          include: ['*/test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
