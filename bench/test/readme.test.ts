import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { readResults } from '../dist/readme/results.js';
import { measuredSection, replaceSection } from '../dist/readme/section.js';

it('the README quotes what the benches wrote (npm run bench:readme mends it)', async () => {
  const path = fileURLToPath(new URL('../../README.md', import.meta.url));
  const readme = readFileSync(path, 'utf8');
  const section = measuredSection(readResults(fileURLToPath(new URL('../results', import.meta.url))));
  const expected = await format(replaceSection(readme, section), {
    ...(await resolveConfig(path)),
    parser: 'markdown',
  });
  expect(readme).toBe(expected);
});
