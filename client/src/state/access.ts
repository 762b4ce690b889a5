/** The access token: given once in the address (`?token=`) or in the form; it stays in this tab. */

const KEY = 'lanecast-token';

let token: string | null = null;

/** Reads the token from the address (and takes it out of there) or from this tab's storage. */
export function takeToken(): void {
  const query = new URLSearchParams(location.search);
  const given = query.get('token');
  if (given !== null) {
    query.delete('token');
    const rest = query.toString();
    history.replaceState(null, '', location.pathname + (rest ? `?${rest}` : '') + location.hash);
    setToken(given);
    return;
  }
  try {
    token = sessionStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden: the token then lives as long as the page.
  }
}

export function setToken(value: string): void {
  token = value;
  try {
    sessionStorage.setItem(KEY, value);
  } catch {
    // As above.
  }
}

export function currentToken(): string | null {
  return token;
}

/** For pictures and sockets, which cannot send headers. */
export function withToken(path: string): string {
  if (token === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`;
}
