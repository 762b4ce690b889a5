import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../../core/clock.js';
import { HttpError } from '../problems.js';
import { AttemptLimiter } from './attempt-limiter.js';
import { type Grant, type Need, OWNER, permits } from './grant.js';
import { bearerToken, TokenCheck } from './hosts.js';
import { SessionCookies } from './session-cookie.js';
import type { TokenVault } from './token-vault.js';

export interface GatekeeperOptions {
  /** The token of the configuration; absent: everybody who can reach the server is its owner. */
  ownerToken: string | undefined;
  vault: TokenVault;
  clock: Clock;
  epochMs: () => number;
}

/** What a request shows of itself. */
export interface Visitor {
  /** Of the peer, or of the client that a trusted proxy names. */
  address: string;
  headers: Pick<IncomingHttpHeaders, 'authorization' | 'cookie'>;
  /** A token in the query, where that is welcome. */
  queryToken: string | null;
}

/** Who somebody is, and how that was shown. */
export interface Admission {
  grant: Grant;
  /** By a cookie, which browsers send on their own: then a page of another site may be behind the request. */
  byCookie: boolean;
}

/** Tells by tokens and cookies who asks, and slows those who guess. */
export class Gatekeeper {
  readonly #owner: TokenCheck | null;
  readonly #cookies: SessionCookies | null;
  readonly #vault: TokenVault;
  readonly #attempts: AttemptLimiter;

  constructor({ ownerToken, vault, clock, epochMs }: GatekeeperOptions) {
    this.#owner = ownerToken === undefined ? null : new TokenCheck(ownerToken);
    this.#cookies = ownerToken === undefined ? null : new SessionCookies(ownerToken, epochMs);
    this.#vault = vault;
    this.#attempts = new AttemptLimiter(clock);
  }

  /** False: nobody is asked for anything. */
  get hasToken(): boolean {
    return this.#owner !== null;
  }

  /** null where there is no token: there is nothing to log in to. */
  get cookies(): SessionCookies | null {
    return this.#cookies;
  }

  /**
   * Throws an HttpError: 401 `token-required` (none, or none that is good), 429 `too-many-attempts`.
   */
  admit({ address, headers, queryToken }: Visitor): Admission {
    if (!this.#owner) return { grant: OWNER, byCookie: false };
    const shown = [bearerToken(headers.authorization), queryToken].filter((token) => token !== null);
    if (shown.length > 0) {
      this.#requirePatience(address);
      for (const token of shown) {
        const grant = this.grantOf(token);
        if (grant) return { grant, byCookie: false };
      }
      this.#attempts.failed(address);
    }
    const subject = this.#cookies?.subject(headers.cookie) ?? null;
    const grant = subject === null ? null : subject === OWNER.id ? OWNER : this.#vault.grant(subject);
    if (grant) return { grant, byCookie: true };
    throw new HttpError(
      401,
      'token-required',
      'Send the token of the configuration, or one made by POST /api/tokens, as "Authorization: Bearer ..."',
      { headers: { 'WWW-Authenticate': 'Bearer realm="lanecast"' } },
    );
  }

  /** As `admit`, but null for nobody in particular. Throws 429 `too-many-attempts`. */
  recognise(visitor: Visitor): Grant | null {
    try {
      return this.admit(visitor).grant;
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) return null;
      throw error;
    }
  }

  /** What a token is good for, at a login. Throws as `admit` does. */
  logIn(address: string, token: string): Grant {
    this.#requirePatience(address);
    const grant = this.grantOf(token);
    if (grant) return grant;
    this.#attempts.failed(address);
    throw new HttpError(401, 'token-wrong', 'This token is not the right one, or no longer good');
  }

  /** null: it is none of ours. */
  grantOf(token: string): Grant | null {
    return this.#owner?.matches(token) ? OWNER : this.#vault.find(token);
  }

  #requirePatience(address: string): void {
    const waitS = this.#attempts.waitS(address);
    if (waitS > 0)
      throw new HttpError(429, 'too-many-attempts', `Too many wrong tokens came from there; wait ${waitS} s`, {
        headers: { 'Retry-After': String(waitS) },
      });
  }
}

/** Throws an HttpError 403 `not-granted` unless the grant is good for this, on these streams (null: all). */
export function requirePermission(grant: Grant, need: Need, streams: readonly string[] | null): void {
  if (permits(grant, need, streams)) return;
  const whatFor = need === 'owner' ? 'changing the server wants the token of the configuration' : `it lacks "${need}"`;
  const where = permits(grant, need, [...(grant.streams ?? [])])
    ? `it is for ${[...grant.streams!].join(', ')} only`
    : whatFor;
  throw new HttpError(403, 'not-granted', `This token is not good for that: ${where}`);
}
