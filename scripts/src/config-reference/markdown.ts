import { LIVE_SETTINGS } from '@lanecast/server/config/changes';
import { variableOf } from '@lanecast/server/config/settings';
import { configJsonSchema } from './json-schema.js';

type Node = ReturnType<typeof configJsonSchema>;

const BEGIN = '<!-- settings:begin (npm run docs:config writes this part from the schema) -->';
const END = '<!-- settings:end -->';

const TITLES: Readonly<Record<string, string>> = {
  streams: 'the cameras, a list',
  server: 'HTTP',
  ingest: 'from the cameras',
  detector: 'finding vehicles',
  tracker: 'following them',
  speed: 'km/h',
  mjpeg: 'motion JPEG',
  webrtc: 'live video',
  debug: 'for tests',
  state: 'what is kept',
  log: 'the log',
};

/** `text` (docs/config.md) with the tables of all settings in the place that is marked. Throws if there is none. */
export function withSettings(text: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the text has no part between ${BEGIN} and ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${settingsTables()}\n${text.slice(end)}`;
}

function settingsTables(): string {
  const sections = configJsonSchema().properties ?? {};
  return Object.entries(sections)
    .map(([section, node]) => table(section, node.items ?? node))
    .join('\n');
}

function table(section: string, node: Node): string {
  const isList = section === 'streams';
  const rows = Object.entries(node.properties ?? {}).map(([key, entry]) => {
    const live = LIVE_SETTINGS.has(`${section}.${key}`) || isList ? 'at once' : 'next start';
    const name = isList ? `\`${key}\`` : `\`${key}\`<br>\`${variableOf(section, key)}\``;
    const required = node.required?.includes(key) ? 'required' : entry.default === undefined ? '' : code(entry.default);
    return `| ${name} | ${typeOf(entry)} | ${required} | ${live} | ${cell(entry.description ?? '')} |`;
  });
  const title = `### \`${section}\`${TITLES[section] === undefined ? '' : `: ${TITLES[section]}`}`;
  return `${title}\n\n| setting | value | default | in force | |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function typeOf(node: Node): string {
  if (node.enum) return node.enum.map(code).join(', ');
  const inner = (node.anyOf as Node[] | undefined)?.filter(({ type }) => type !== 'null');
  if (inner?.length === 1) return `${typeOf(inner[0]!)} or \`null\``;
  switch (node.type) {
    case 'integer':
    case 'number':
      return `${node.type === 'integer' ? 'whole number' : 'number'}${limits(node)}`;
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return Array.isArray(node.items) || node.prefixItems ? 'two numbers' : 'list of texts';
    case 'string':
      return 'text';
    default:
      return 'mapping';
  }
}

function limits({ minimum, exclusiveMinimum, maximum, multipleOf }: Node): string {
  const parts: string[] = [];
  if (minimum !== undefined && maximum !== undefined) parts.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) parts.push(`${minimum} or more`);
  else if (maximum !== undefined) parts.push(`up to ${maximum}`);
  if (typeof exclusiveMinimum === 'number') parts.unshift(`above ${exclusiveMinimum}`);
  if (multipleOf !== undefined) parts.push(`a multiple of ${multipleOf}`);
  return parts.length > 0 ? `, ${parts.join(', ')}` : '';
}

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');
