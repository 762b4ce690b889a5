import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { LanecastError, messageOf } from '../core/errors.js';
import { isDegenerate } from './calibration.js';
import { nearest } from './nearest.js';
import { Config, StreamConfig } from './schema.js';

/** Plain data that may still be wrong: what a YAML file or the flags say. */
export type RawConfig = Record<string, unknown>;

/** Where a value stands in its file, for messages. */
export type Locate = (path: (string | number)[]) => string;

/** What a configuration file says. */
export interface FileContent {
  raw: RawConfig;
  locate: Locate;
}

/**
 * Reads a YAML configuration file. Throws a LanecastError `config-unreadable` or `config-syntax` (with line and column).
 */
export function readConfigFile(file: string): FileContent {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
  return parseConfigText(text, file);
}

/** The LanecastError for a configuration file that cannot be read. */
export function unreadable(file: string, cause: unknown): LanecastError {
  return new LanecastError('config-unreadable', `cannot read the configuration ${file}: ${messageOf(cause)}`, {
    cause,
  });
}

/** As `readConfigFile`, of a text that was read already. Throws a LanecastError `config-syntax`. */
export function parseConfigText(text: string, file: string): FileContent {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem) {
    const [at] = problem.linePos ?? [];
    const where = at ? `:${at.line}:${at.col}` : '';
    throw new LanecastError(
      'config-syntax',
      `${file}${where}: ${problem.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`,
    );
  }
  const raw = plainData(document, file);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new LanecastError('config-syntax', `${file}: must be a mapping with "streams:" at the top`);
  }
  const locate: Locate = (path) => {
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) return `${file}:${lines.linePos(range[0]).line}`;
    }
    return file;
  };
  return { raw: raw as RawConfig, locate };
}

/** Throws for an alias without its anchor, and for aliases that multiply without end; it names none. */
function plainData(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    throw new LanecastError(
      'config-syntax',
      `${file}: a value beginning with * refers to an anchor that does not exist, or there are too many of them; a text that begins with * needs quotes`,
      { cause },
    );
  }
}

/** Checks raw data against the schema and fills in defaults. Throws a LanecastError `config-invalid` naming each fault. */
export function validateConfig(raw: RawConfig, locate: Locate = () => 'configuration'): Config {
  const result = v.safeParse(Config, raw);
  if (result.success) return result.output;
  const lines = faultsOf(result.issues).map(({ path, message }) => `${locate(path)}: ${message}`);
  const more = result.issues.length > MAX_FAULTS ? `\n(and ${result.issues.length - MAX_FAULTS} more)` : '';
  throw new LanecastError('config-invalid', lines.join('\n') + more);
}

const MAX_FAULTS = 8;

/** What is wrong, in words that show no value which may be a secret: the first few faults. */
export function faultsOf(
  issues: readonly v.BaseIssue<unknown>[],
  whole = 'configuration',
): { path: (string | number)[]; message: string }[] {
  return issues.slice(0, MAX_FAULTS).map((issue) => {
    const path = (issue.path ?? []).map((item) => item.key as string | number);
    return { path, message: `${path.join('.') || whole} ${describe(issue)}` };
  });
}

function describe(issue: v.BaseIssue<unknown>): string {
  const key = issue.path?.at(-1)?.key;
  if (issue.kind === 'schema' && issue.type === 'strict_object') {
    if (issue.expected === 'never') return `is not a known setting${suggest(String(key), issue)}`;
    if (issue.input === undefined) return 'is missing';
    return `must be a mapping (it is ${kindOf(issue.input)})`;
  }
  // Messages of our own begin with "must"; valibot's own name what was expected. The value itself may be a secret.
  if (issue.message.startsWith('must') || isDegenerate(issue)) return issue.message;
  if (!issue.expected) return issue.message;
  const input = SECRET_SETTINGS.has(String(key)) ? kindOfSecret(issue.input) : kindOf(issue.input);
  return `must be ${issue.expected} (it is ${input})`;
}

/** Settings whose value no message may show. */
const SECRET_SETTINGS: ReadonlySet<string> = new Set(['token', 'url']);

function kindOfSecret(value: unknown): string {
  return typeof value === 'number' ? 'a number: write it in quotes' : kindOf(value);
}

function kindOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value === null ? 'empty' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function suggest(key: string, issue: v.BaseIssue<unknown>): string {
  const parent = issue.path?.at(-1)?.input;
  const taken = (name: string): boolean => typeof parent === 'object' && parent !== null && name in parent;
  const meant = nearest(
    key,
    KNOWN_SETTINGS.filter((name) => !taken(name)),
  );
  return meant === null ? '' : ` (did you mean "${meant}"?)`;
}

const KNOWN_SETTINGS: readonly string[] = Object.entries(Config.entries).flatMap(([name, section]) => {
  const inner: unknown = 'wrapped' in section ? section.wrapped : undefined;
  const entries = (inner as { entries?: object } | undefined)?.entries;
  return [
    name,
    ...(entries
      ? Object.keys(entries)
      : [...Object.keys(StreamConfig.entries), 'points', 'imageSize', 'image', 'ground']),
  ];
});

/** `over` wins, section by section; lists replace lists. */
export function mergeConfig(base: RawConfig, over: RawConfig): RawConfig {
  const merged: RawConfig = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = merged[key];
    const bothMaps = isMap(below) && isMap(value);
    merged[key] = bothMaps ? mergeConfig(below, value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is RawConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
