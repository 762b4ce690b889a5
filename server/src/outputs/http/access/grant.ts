/** What a token may be made for. */
export const SCOPES = ['view', 'pictures', 'tracks', 'live', 'metrics', 'lend'] as const;

/**
 * `view`: all that can be read, and the dashboard; `pictures`: motion JPEG and snapshots; `tracks`: server-sent events;
 * `live`: WHEP; `metrics`: `/metrics`; `lend`: a dashboard that may lend its GPU (beside `view`).
 */
export type Scope = (typeof SCOPES)[number];

/** What a route asks for. `owner`: what changes the server. */
export type Need = Scope | 'owner';

const READING: ReadonlySet<Need> = new Set<Need>(['pictures', 'tracks', 'live', 'metrics']);

/** What somebody may do who has shown a token, or a session's cookie. */
export interface Grant {
  /** `owner`, or the id of the token that was made by `POST /api/tokens`. */
  readonly id: string;
  /** null: everything. */
  readonly scopes: ReadonlySet<Scope> | null;
  /** Only these streams; null: all. */
  readonly streams: ReadonlySet<string> | null;
  /** Aborts when the token is revoked or expires; null: it never does. */
  readonly signal: AbortSignal | null;
}

/** Who has the token of the configuration; and everybody, where there is none. */
export const OWNER: Grant = { id: 'owner', scopes: null, streams: null, signal: null };

/** Whether the grant is good for what a route asks for, on these streams (null: on all of them). */
export function permits(grant: Grant, need: Need, streams: readonly string[] | null): boolean {
  const { scopes } = grant;
  if (scopes === null) return true;
  if (need === 'owner') return false;
  if (!scopes.has(need) && !(READING.has(need) && scopes.has('view'))) return false;
  if (grant.streams === null) return true;
  return streams !== null && streams.every((id) => grant.streams?.has(id));
}

/** Calls `end` once when the grant is withdrawn; the returned function forgets it. */
export function whenWithdrawn({ signal }: Grant, end: () => void): () => void {
  if (signal === null) return () => undefined;
  if (signal.aborted) {
    end();
    return () => undefined;
  }
  signal.addEventListener('abort', end, { once: true });
  return () => signal.removeEventListener('abort', end);
}
