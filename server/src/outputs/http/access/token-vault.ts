import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { LanecastError } from '../../../core/errors.js';
import type { Grant, Scope } from './grant.js';

/** Far more than anybody embeds; each costs a few hundred bytes. */
export const MAX_TOKENS = 1000;
const SECRET_BYTES = 24;
/** The wall clock may be set at any time. */
const LONGEST_TIMER_MS = 3_600_000;
/** A token that ended by the clock is kept for so long: the clock may have been wrong. */
const FORGET_AFTER_MS = 30 * 24 * 3_600_000;
const TOKEN = /^lct_([A-Za-z0-9_-]{12})_([A-Za-z0-9_-]{32})$/;

/** A token as it is kept: of its secret only the digest. */
export interface StoredToken {
  id: string;
  label: string;
  scopes: Scope[];
  /** null: all. */
  streams: string[] | null;
  createdAtMs: number;
  expiresAtMs: number;
  /** SHA-256 of the secret, hexadecimal. The secret has 192 random bits: it needs no salt and no slow hash. */
  digest: string;
}

export type TokenInfo = Omit<StoredToken, 'digest'>;

export interface TokenWish {
  scopes: readonly Scope[];
  streams: readonly string[] | null;
  label: string;
  ttlS: number;
}

export interface VaultOptions {
  saved: readonly StoredToken[];
  /** Writes all tokens down. A rejection undoes the change. */
  save: (tokens: readonly StoredToken[]) => Promise<void>;
  /** The wall clock: tokens outlive the process. */
  epochMs: () => number;
}

interface Entry {
  token: StoredToken;
  grant: Grant;
  control: AbortController;
}

/** The tokens that were made for embedding and for scripts. */
export class TokenVault {
  readonly #options: VaultOptions;
  readonly #entries = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;
  /** Writes follow one another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: VaultOptions) {
    this.#options = options;
    for (const token of options.saved) this.#entries.set(token.id, entryOf(token));
    this.#expire();
  }

  /**
   * Makes a token; it is shown only here. Rejects with a LanecastError `too-many-tokens`, or with what `save` said.
   */
  create({ scopes, streams, label, ttlS }: TokenWish): Promise<{ token: string; info: TokenInfo }> {
    return this.#inTurn(async () => {
      this.#forget();
      if (this.list().length >= MAX_TOKENS)
        throw new LanecastError('too-many-tokens', `There are ${MAX_TOKENS} tokens already; revoke some first`);
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const createdAtMs = this.#options.epochMs();
      const stored: StoredToken = {
        id: randomBytes(9).toString('base64url'),
        label,
        scopes: [...scopes],
        streams: streams && [...streams],
        createdAtMs,
        expiresAtMs: createdAtMs + ttlS * 1000,
        digest: digestOf(secret).toString('hex'),
      };
      await this.#options.save([...this.#stored(), stored]);
      this.#entries.set(stored.id, entryOf(stored));
      this.#expire();
      return { token: `lct_${stored.id}_${secret}`, info: infoOf(stored) };
    });
  }

  /** Those that are good, newest last. */
  list(): TokenInfo[] {
    this.#expire();
    const nowMs = this.#options.epochMs();
    return this.#stored()
      .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
      .map(infoOf);
  }

  /** False if there is none of this id. What was opened with it ends. */
  revoke(id: string): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#entries.has(id)) return false;
      await this.#options.save(this.#stored().filter((token) => token.id !== id));
      this.#remove(id);
      return true;
    });
  }

  /** The grant of a token as somebody shows it; null if it is none of ours, or no longer. */
  find(candidate: string): Grant | null {
    const [, id = '', secret = ''] = TOKEN.exec(candidate) ?? [];
    const entry = this.#entries.get(id);
    // The id is no secret; the secret's digest is compared in constant time.
    if (!entry || !timingSafeEqual(digestOf(secret), Buffer.from(entry.token.digest, 'hex'))) return null;
    return this.grant(id);
  }

  /** The grant of the token of this id; null if it is no longer good. */
  grant(id: string): Grant | null {
    const entry = this.#entries.get(id);
    // Timers may come late.
    return entry && entry.token.expiresAtMs > this.#options.epochMs() ? entry.grant : null;
  }

  /** Stops waiting for expiries; may be called twice. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #stored(): StoredToken[] {
    return [...this.#entries.values()].map(({ token }) => token);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.control.abort();
  }

  /** What ended long ago; the file follows with its next writing. */
  #forget(): void {
    const before = this.#options.epochMs() - FORGET_AFTER_MS;
    for (const { token } of [...this.#entries.values()]) if (token.expiresAtMs <= before) this.#remove(token.id);
  }

  /** Ends what was opened with tokens that have expired, and comes back when the next does. */
  #expire(): void {
    const nowMs = this.#options.epochMs();
    let nextMs = Infinity;
    for (const [id, { token, control }] of this.#entries) {
      if (token.expiresAtMs > nowMs) {
        nextMs = Math.min(nextMs, token.expiresAtMs);
        continue;
      }
      control.abort();
      // Good again if the clock is put back.
      this.#entries.set(id, entryOf(token));
    }
    clearTimeout(this.#timer);
    if (this.#entries.size > 0)
      this.#timer = setTimeout(() => this.#expire(), Math.min(nextMs - nowMs, LONGEST_TIMER_MS)).unref();
  }
}

function entryOf(token: StoredToken): Entry {
  const control = new AbortController();
  const grant: Grant = {
    id: token.id,
    scopes: new Set(token.scopes),
    streams: token.streams && new Set(token.streams),
    signal: control.signal,
  };
  return { token, grant, control };
}

function infoOf({ id, label, scopes, streams, createdAtMs, expiresAtMs }: StoredToken): TokenInfo {
  return { id, label, scopes, streams, createdAtMs, expiresAtMs };
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
