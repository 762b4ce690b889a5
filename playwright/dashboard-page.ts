import { expect, type Locator, type Page } from '@playwright/test';
import type { MeasuredDrawing, MeasuredFrame } from './measured-frame.js';

/** The dashboard as a viewer sees it. */
export class DashboardPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  tile(id: string): Locator {
    return this.page.locator(`figure[data-stream="${id}"]`);
  }

  get connection(): Locator {
    return this.page.getByTestId('connection');
  }

  /** Opens the page and waits until every stream's video moves. `query`: further parameters. */
  async open(url: string, ids: readonly string[], query = ''): Promise<void> {
    await this.page.goto(`${url}/?measure${query}`);
    for (const id of ids) await this.untilLive(id);
  }

  async untilLive(id: string, timeout = 20_000): Promise<void> {
    await expect(this.tile(id)).toHaveAttribute('data-state', 'live', { timeout });
    await expect
      .poll(
        () =>
          this.tile(id)
            .locator('video')
            .evaluate((video: HTMLVideoElement) => video.videoWidth),
        { timeout },
      )
      .toBeGreaterThan(0);
  }

  /** The next presented frames of all tiles. */
  frames(count: number, timeoutMs: number): Promise<MeasuredFrame[]> {
    return this.page.evaluate(([n, ms]) => window.lanecastFrames!(n, ms), [count, timeoutMs] as const);
  }

  /** The next drawings of the one canvas for all tiles. */
  drawn(count: number, timeoutMs: number): Promise<MeasuredDrawing[]> {
    return this.page.evaluate(([n, ms]) => window.lanecastDrawn!(n, ms), [count, timeoutMs] as const);
  }
}
