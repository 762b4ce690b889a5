import { LanecastError } from '../core/errors.js';
import { keepCredentials } from './keep-credentials.js';
import type { StreamConfig } from './schema.js';

/** A change of one camera, as the API asks for it. */
export type StreamEdit =
  | { kind: 'add'; stream: StreamConfig }
  /** Takes the place of the stream of that id. */
  | { kind: 'replace'; stream: StreamConfig }
  | { kind: 'remove'; id: string };

/**
 * The list after the edit; a new camera comes last. Pure. Throws a LanecastError `stream-exists`, `stream-unknown`, or
 * one of `keepCredentials`.
 */
export function editList(streams: readonly StreamConfig[], edit: StreamEdit): StreamConfig[] {
  const id = edit.kind === 'remove' ? edit.id : edit.stream.id;
  const old = streams.find((stream) => stream.id === id);
  if (edit.kind === 'add') {
    if (old) throw new LanecastError('stream-exists', `There is a stream "${id}" already: PUT changes it`);
    return [...streams, edit.stream];
  }
  if (!old) {
    const known = streams.map((stream) => stream.id).slice(0, 10);
    const there = known.length > 0 ? `there are: ${known.join(', ')}` : 'none is configured';
    throw new LanecastError('stream-unknown', `There is no stream "${id}"; ${there}`);
  }
  if (edit.kind === 'remove') return streams.filter((stream) => stream !== old);
  const next = { ...edit.stream, url: keepCredentials(old.url, edit.stream.url) };
  return streams.map((stream) => (stream === old ? next : stream));
}
