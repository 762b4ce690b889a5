/** The page of `npm run bench:wall`, which drives it; it is no part of the dashboard. */
import { type BenchCounts, BenchWall, type BenchWallOptions } from './bench-wall.js';
import { compareRenderers, type Difference } from './compare-renderers.js';
import './wall-bench.css';

declare global {
  interface Window {
    wallBench?: {
      /** Resolves to the adapter's name. */
      start(options: BenchWallOptions): Promise<string>;
      counts(): BenchCounts;
      compare(density: number): Promise<Difference>;
    };
  }
}

let wall: BenchWall | null = null;
window.wallBench = {
  start: async (options) => {
    wall = await BenchWall.start(document.getElementById('wall')!, options);
    return wall.adapter;
  },
  counts: () => wall!.counts(),
  compare: compareRenderers,
};
