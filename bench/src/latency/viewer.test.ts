import { expect, test } from 'vitest';
import { openBrowser } from './viewer.js';

test('without a browser the error says which to install, and how to name one', async () => {
  const opening = openBrowser(['/nowhere/chromium', undefined]);
  await expect(opening).rejects.toMatchObject({ code: 'browser-missing' });
  await expect(opening).rejects.toThrow(/apt install chromium.*PLAYWRIGHT_CHROMIUM.*npx playwright install/s);
});
