/** `npm run bench:readme`: writes the README's figures from bench/results. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { readResults } from './readme/results.js';
import { measuredSection, replaceSection } from './readme/section.js';

const readmePath = fileURLToPath(new URL('../../README.md', import.meta.url));
const results = readResults(fileURLToPath(new URL('../results', import.meta.url)));
const updated = replaceSection(readFileSync(readmePath, 'utf8'), measuredSection(results));
const options = await resolveConfig(readmePath);
writeFileSync(readmePath, await format(updated, { ...options, parser: 'markdown' }));
console.log(`wrote ${readmePath}`);
