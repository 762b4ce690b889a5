import { parse } from 'yaml';
import { Config } from './schema.js';

/** What a value is written as, in a variable or on the command line. */
export type SettingKind = 'number' | 'boolean' | 'text' | 'list' | 'range' | 'mapping';

/** One setting beside the streams, as the schema has it. */
export interface Setting {
  section: string;
  key: string;
  /** `section.key` */
  path: string;
  /** The environment variable that sets it. */
  variable: string;
  kind: SettingKind;
}

/** The part of valibot's schemas that is looked at. */
interface SchemaNode {
  type: string;
  wrapped?: SchemaNode;
  entries?: Record<string, SchemaNode>;
}

const PREFIX = 'LANECAST_';

/** All settings beside the streams, in the schema's order. */
export const SETTINGS: readonly Setting[] = Object.entries(Config.entries as unknown as Record<string, SchemaNode>)
  .filter(([section]) => section !== 'streams')
  .flatMap(([section, schema]) =>
    Object.entries(unwrap(schema).entries ?? {}).map(([key, entry]) => ({
      section,
      key,
      path: `${section}.${key}`,
      variable: variableOf(section, key),
      kind: kindOf(unwrap(entry).type),
    })),
  );

/** The rule: `server.allowedHosts` is `LANECAST_SERVER_ALLOWED_HOSTS`. */
export function variableOf(section: string, key: string): string {
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return `${PREFIX}${snake(section)}_${snake(key)}`;
}

/**
 * A setting's value from its text: numbers, true/false and mappings as in YAML, lists with commas, ranges as
 * `first-last`. What cannot be read so stays text: the validation says what is wrong with it.
 */
export function valueOfText(kind: SettingKind, text: string): unknown {
  switch (kind) {
    case 'number':
      return number(text);
    case 'boolean':
      return { true: true, '1': true, false: false, '0': false }[text.toLowerCase()] ?? text;
    case 'list':
      return text.split(',').map((item) => item.trim());
    case 'range':
      return text.split(/[-,]/).map(number);
    case 'mapping':
      return mapping(text);
    case 'text':
      return text;
  }
}

function number(text: string): number | string {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? text : value;
}

function mapping(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function unwrap(schema: SchemaNode): SchemaNode {
  return schema.wrapped ? unwrap(schema.wrapped) : schema;
}

function kindOf(type: string): SettingKind {
  if (type === 'number' || type === 'boolean') return type;
  const kinds: Partial<Record<string, SettingKind>> = {
    array: 'list',
    strict_tuple: 'range',
    strict_object: 'mapping',
  };
  return kinds[type] ?? 'text';
}
