import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { LanecastError } from '../core/errors.js';
import type { StreamConfig } from './schema.js';

/**
 * The text of a configuration file with these streams in place of those it has. Comments stay, as does everything that
 * is not another: only nodes that change are written anew. Pure. Throws a LanecastError `config-not-editable` where the
 * file's form does not allow it.
 */
export function writeStreams(text: string, streams: readonly StreamConfig[]): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !(document.contents === null || isMap(document.contents)))
    throw notEditable('it has faults');
  let list = document.get('streams');
  if (list === undefined || list === null) {
    document.set('streams', document.createNode([]));
    list = document.get('streams');
  }
  if (!isSeq(list)) throw notEditable('"streams" is an alias of something else');
  const wanted = new Map(streams.map((stream) => [stream.id, stream]));
  list.items = list.items.filter((item) => {
    if (!isMap(item)) throw notEditable('a stream in it is an alias of something else');
    return wanted.has(String(item.get('id')));
  });
  for (const item of list.items as YAMLMap[]) {
    const id = String(item.get('id'));
    setKeys(item, wanted.get(id)!, (value) => document.createNode(value));
    wanted.delete(id);
  }
  if (wanted.size > 0 && list.items.length === 0) list.flow = false;
  for (const stream of wanted.values()) list.add(document.createNode(stream));
  try {
    return document.toString({
      lineWidth: 0,
      flowCollectionPadding: /\{ /.test(text),
      indentSeq: !/^streams:[ \t]*(#.*)?\r?\n(#.*\r?\n)*-/m.test(text),
    });
  } catch (cause) {
    throw notEditable('another part of it refers to a stream', cause);
  }
}

function setKeys(item: YAMLMap, stream: StreamConfig, createNode: (value: unknown) => unknown): void {
  const given = JSON.parse(JSON.stringify(stream)) as Record<string, unknown>;
  const has = item.toJSON() as Record<string, unknown>;
  for (const key of Object.keys(has)) if (!(key in given) && key !== '<<') item.delete(key);
  for (const [key, value] of Object.entries(given))
    if (JSON.stringify(has[key]) !== JSON.stringify(value))
      item.set(key, typeof value === 'object' ? createNode(value) : value);
}

/** The LanecastError for a file that a person has to edit. */
export function notEditable(why: string, cause?: unknown): LanecastError {
  return new LanecastError(
    'config-not-editable',
    `the configuration file cannot be changed from here (${why}): edit it by hand, it is followed`,
    { cause },
  );
}
