import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      // No time is tested: the limit only ends what hangs, on a busy machine too.
      { plugins: [svelte()], test: { name: 'unit', include: ['*/src/**/*.test.ts'], testTimeout: 30_000 } },
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
