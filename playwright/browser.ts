import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

/** PLAYWRIGHT_CHROMIUM, else Debian's; undefined: Playwright's own. */
export const executablePath = [process.env['PLAYWRIGHT_CHROMIUM'], '/usr/bin/chromium'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Why the browser tests cannot run; null if they can. */
export const noBrowser: string | null =
  executablePath !== undefined || existsSync(chromium.executablePath())
    ? null
    : 'no browser here: run scripts/setup-system, set PLAYWRIGHT_CHROMIUM, or npx playwright install chromium';
