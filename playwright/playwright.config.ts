import { defineConfig } from '@playwright/test';
import { executablePath } from './browser.js';

const isRoot = process.getuid?.() === 0;
const FLAGS = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** WebGPU on the processor: slow, but the same everywhere. */
const SOFTWARE_WEBGPU_FLAGS = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
];
const launchOptions = { ...(executablePath !== undefined && { executablePath }), args: FLAGS };

export default defineConfig({
  outputDir: 'test-results',
  // One picture for all platforms: what differs between them is masked or within the tolerance.
  snapshotPathTemplate: '{testDir}/snapshots/{arg}{ext}',
  workers: 1,
  timeout: 60_000,
  reporter: [['list'], ['html', { outputFolder: 'report', open: 'never' }]],
  use: {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    screenshot: 'only-on-failure',
    launchOptions,
  },
  projects: [
    { name: 'dashboard', testDir: 'tests' },
    {
      name: 'webgpu',
      testDir: 'webgpu',
      timeout: 240_000,
      use: { launchOptions: { ...launchOptions, args: [...FLAGS, ...SOFTWARE_WEBGPU_FLAGS] } },
    },
  ],
});
