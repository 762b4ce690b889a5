import { describe, expect, it } from 'vitest';
import { endedCookie, RENEW_AFTER_S, SESSION_COOKIE, SESSION_S, SessionCookies } from './session-cookie.js';

const START = Date.UTC(2026, 0, 1);

function setUp(token = 'the-token-of-the-configuration') {
  let nowMs = START;
  const cookies = new SessionCookies(token, () => nowMs);
  return { cookies, pass: (ms: number) => (nowMs += ms) };
}

/** What a browser sends back. */
const sent = (setCookie: string): string => `theme=dark; ${setCookie.split(';', 1)[0]!}`;

describe('SessionCookies', () => {
  it('knows its own again, until they expire', () => {
    const { cookies, pass } = setUp();
    const header = sent(cookies.issue('owner', true));
    expect(cookies.subject(header)).toBe('owner');
    pass(SESSION_S * 1000 - 1);
    expect(cookies.subject(header)).toBe('owner');
    pass(1);
    expect(cookies.subject(header)).toBe(null);
  });

  it('is prolonged from its second day on, for whoever has it', () => {
    const { cookies, pass } = setUp();
    const first = sent(cookies.issue('owner', false));
    pass(RENEW_AFTER_S * 1000 - 1);
    expect(cookies.renew(first, 'owner', false)).toBe(null);
    pass(1);
    expect(cookies.renew(first, 'somebody', false)).toBe(null);
    const renewed = cookies.renew(first, 'owner', true)!;
    expect(renewed).toMatch(/; Max-Age=2592000; .*; Secure/);
    pass((SESSION_S - RENEW_AFTER_S) * 1000);
    // What has expired stays so.
    expect(cookies.renew(first, 'owner', false)).toBe(null);
    expect(cookies.subject(sent(renewed))).toBe('owner');
  });

  it('outlives a restart, and ends with the token of the configuration', () => {
    const header = sent(setUp().cookies.issue('owner', false));
    expect(setUp().cookies.subject(header)).toBe('owner');
    expect(setUp('another-token-of-the-configuration').cookies.subject(header)).toBe(null);
  });

  it('takes none in which anything was changed', () => {
    const { cookies } = setUp();
    const [, value] = /=([^;]+)/.exec(cookies.issue('abcDEF123456', false))!;
    const parts = value!.split('.');
    for (let i = 0; i < value!.length; i++) {
      const changed = value!.slice(0, i) + (value![i] === 'A' ? 'B' : 'A') + value!.slice(i + 1);
      // The last character of base64url carries two bits that mean nothing.
      if (i < value!.length - 1) expect(cookies.subject(`${SESSION_COOKIE}=${changed}`), changed).toBe(null);
    }
    const raised = [parts[0], 'owner', ...parts.slice(2)].join('.');
    expect(cookies.subject(`${SESSION_COOKIE}=${raised}`)).toBe(null);
    for (const odd of [undefined, '', `${SESSION_COOKIE}=`, `${SESSION_COOKIE}=1.owner`, `x${SESSION_COOKIE}=${value}`])
      expect(cookies.subject(odd)).toBe(null);
  });

  it('is kept from scripts, from other sites, and from plain HTTP where there is TLS', () => {
    const { cookies } = setUp();
    expect(cookies.issue('owner', true)).toMatch(/; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(cookies.issue('owner', false)).not.toContain('Secure');
    expect(endedCookie(false)).toContain('Max-Age=0');
  });
});
