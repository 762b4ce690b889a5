import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { DESCRIPTIONS } from '@lanecast/server/config/descriptions';
import { parseConfigText, readConfigFile, validateConfig } from '@lanecast/server/config/load';
import { configJsonSchema, configJsonSchemaText } from './json-schema.js';
import { withSettings } from './markdown.js';

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const read = (name: string): string => readFileSync(path(name), 'utf8');
const formatted = async (name: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path(name))), filepath: path(name) });

describe('what is written about the configuration', () => {
  it.each([
    ['docs/lanecast.schema.json', configJsonSchemaText],
    ['docs/config.md', () => withSettings(read('docs/config.md'))],
  ])('%s is what the schema says (npm run docs:config)', async (name, generate) => {
    expect(read(name)).toBe(await formatted(name, generate()));
  });

  it('describes every setting, and none that there is not', () => {
    const paths = Object.entries(configJsonSchema().properties ?? {}).flatMap(([section, node]) =>
      Object.keys((node.items ?? node).properties ?? {}).map((key) => `${section}.${key}`),
    );
    expect(Object.keys(DESCRIPTIONS).sort()).toEqual(paths.sort());
  });

  it('has an example that is a configuration', () => {
    const { raw, locate } = readConfigFile(path('lanecast.example.yaml'));
    expect(validateConfig(raw, locate).streams.length).toBeGreaterThan(1);
    expect(read('lanecast.example.yaml')).toMatch(
      /^# yaml-language-server: \$schema=\.\/docs\/lanecast\.schema\.json$/m,
    );
  });

  it('has an example whose other settings, too, are settings', () => {
    // Lines that are commented out begin with "#" and a setting, without a blank.
    const all = read('lanecast.example.yaml').replace(/^(\s*)#(?=[a-z])/gm, '$1');
    expect(all).not.toBe(read('lanecast.example.yaml'));
    const { raw } = parseConfigText(all, 'lanecast.example.yaml');
    expect(() => validateConfig(raw)).not.toThrow();
  });
});

describe('configJsonSchema', () => {
  it('knows types, limits, choices, defaults, and what is not known', () => {
    const schema = configJsonSchema();
    expect(schema).toMatchObject({ additionalProperties: false, required: ['streams'] });
    const sections = schema.properties!;
    expect(sections['server']!.properties!['port']).toMatchObject({
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 8080,
    });
    expect(sections['ingest']!.properties!['decode']).toMatchObject({ enum: ['auto', 'software', 'nvdec'] });
    expect(sections['streams']!.items).toMatchObject({ required: ['id', 'url'], additionalProperties: false });
    expect(JSON.stringify(schema)).not.toContain('$ref');
    const calibration = sections['streams']!.items!.properties!['calibration']!;
    expect(calibration.anyOf).toMatchObject([{ required: ['scaleMPerPx'] }, { required: ['points'] }]);
  });
});
