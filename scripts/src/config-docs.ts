/** `npm run docs:config`: writes docs/lanecast.schema.json and the tables of docs/config.md from the schema. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { configJsonSchemaText } from './config-reference/json-schema.js';
import { withSettings } from './config-reference/markdown.js';

const path = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

async function write(name: string, text: string): Promise<void> {
  const file = path(name);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

await write('lanecast.schema.json', configJsonSchemaText());
await write('config.md', withSettings(readFileSync(path('config.md'), 'utf8')));
