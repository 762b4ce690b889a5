import type { Page } from '@playwright/test';
import type { Picture } from './server-detection.js';

/** What `window.lanecastDetect` of the lab takes and gives: client/src/lab/measurement-hook.ts. */
export interface DetectAnswer {
  info: { backend: string; backendReason: string | null; threads: number; inputWidth: number; adapter: string | null };
  rows: number[];
  timings: Record<'importMs' | 'preprocessMs' | 'inferMs' | 'decodeMs' | 'totalMs', number>;
  perSecond: number | null;
  crossOriginIsolated: boolean;
}

interface DetectRequest {
  i420: string;
  width: number;
  height: number;
  modelWidth: number;
  precision: 'fp32' | 'fp16';
  backend: 'auto' | 'webgpu' | 'wasm';
  threads?: number;
  allowSoftwareGpu?: boolean;
  scoreThreshold: number;
  maxRows: number;
}

declare global {
  interface Window {
    lanecastDetect?: (request: DetectRequest) => Promise<DetectAnswer>;
  }
}

/** Opens the lab so that a test may detect on pictures of its own. */
export async function openLab(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/lab?measure`);
  await page.waitForFunction(() => window.lanecastDetect !== undefined);
}

/** Detects in the page, on one picture, with a detector of its own. */
export function detectInPage(
  page: Page,
  { data, width, height }: Picture,
  options: Omit<DetectRequest, 'i420' | 'width' | 'height' | 'precision' | 'maxRows'>,
): Promise<DetectAnswer> {
  const request = { precision: 'fp32' as const, maxRows: 1000, ...options };
  return page.evaluate((all) => window.lanecastDetect!(all), {
    i420: data.toString('base64'),
    width,
    height,
    ...request,
  });
}
