import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';

export const SESSION_COOKIE = 'lanecast_session';
/** A wall that is off for less than a month need not log in again. */
export const SESSION_S = 30 * 24 * 3600;
/** A session of this age is prolonged, so that a page that stays open is never logged out. */
export const RENEW_AFTER_S = 24 * 3600;
const FORM = /^1\.([A-Za-z0-9_-]{1,32})\.(\d{1,12})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

/**
 * Sessions of browsers that logged in, as signed cookies: who (`owner`, or a token's id), until when, and a random part.
 * They outlive a restart, and end with the configuration's token, whose derivative signs them (HMAC-SHA256, RFC 2104;
 * key by HKDF, RFC 5869).
 */
export class SessionCookies {
  readonly #key: Buffer;
  readonly #epochMs: () => number;

  constructor(ownerToken: string, epochMs: () => number) {
    this.#key = Buffer.from(hkdfSync('sha256', ownerToken, '', 'lanecast session cookie 1', 32));
    this.#epochMs = epochMs;
  }

  /** The value of `Set-Cookie` for a new session. `secure`: it was asked for by TLS. */
  issue(subject: string, secure: boolean): string {
    const expiresAtS = Math.floor(this.#epochMs() / 1000) + SESSION_S;
    const signed = `1.${subject}.${expiresAtS}.${randomBytes(12).toString('base64url')}`;
    return setCookie(`${signed}.${this.#mac(signed).toString('base64url')}`, SESSION_S, secure);
  }

  /**
   * The value of `Set-Cookie` that prolongs this subject's session; null: the `Cookie` header carries none of this subject, or
   * one that is good for long.
   */
  renew(header: string | undefined, subject: string, secure: boolean): string | null {
    const session = this.#session(header);
    if (session?.subject !== subject) return null;
    const leftS = session.expiresAtS - this.#epochMs() / 1000;
    return leftS > SESSION_S - RENEW_AFTER_S ? null : this.issue(subject, secure);
  }

  /** Whose session the `Cookie` header carries; null: none that is good. */
  subject(header: string | undefined): string | null {
    return this.#session(header)?.subject ?? null;
  }

  #session(header: string | undefined): { subject: string; expiresAtS: number } | null {
    if (header === undefined) return null;
    const match = FORM.exec(parseCookie(header)[SESSION_COOKIE] ?? '');
    if (!match) return null;
    const [value, subject, expiry, , mac] = match as unknown as [string, string, string, string, string];
    const expected = this.#mac(value.slice(0, -mac.length - 1));
    if (!timingSafeEqual(expected, Buffer.from(mac, 'base64url'))) return null;
    const expiresAtS = Number(expiry);
    return expiresAtS * 1000 > this.#epochMs() ? { subject, expiresAtS } : null;
  }

  #mac(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

/** The value of `Set-Cookie` that ends a session in this browser. */
export function endedCookie(secure: boolean): string {
  return setCookie('', 0, secure);
}

function setCookie(value: string, maxAge: number, secure: boolean): string {
  return stringifySetCookie(SESSION_COOKIE, value, { httpOnly: true, sameSite: 'strict', path: '/', maxAge, secure });
}
