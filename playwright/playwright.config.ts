import { defineConfig } from '@playwright/test';
import { executablePath } from './browser.js';

const isRoot = process.getuid?.() === 0;
const ARGUMENTS = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** WebGPU on the CPU, video import included: for correctness only, and in a project of its own. */
const SOFTWARE_WEBGPU = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
];
const launchOptions = (args: readonly string[]) => ({
  ...(executablePath !== undefined && { executablePath }),
  args: [...args],
});

export default defineConfig({
  testDir: 'tests',
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
  },
  projects: [
    { name: 'chromium', testIgnore: '**/webgpu*.test.ts', use: { launchOptions: launchOptions(ARGUMENTS) } },
    {
      name: 'webgpu',
      testMatch: '**/webgpu*.test.ts',
      timeout: 240_000,
      use: { launchOptions: launchOptions([...ARGUMENTS, ...SOFTWARE_WEBGPU]) },
    },
  ],
});
