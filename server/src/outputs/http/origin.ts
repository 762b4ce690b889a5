/**
 * Whether a request that changes something comes from a page of this server (or from no page at all). Browsers name the
 * page's origin in such requests (Fetch Standard, 3.2); another site's page may not act with what a visitor may do.
 * `allowedHosts` are the further names of this server: a proxy in front of it may have rewritten the Host header.
 */
export function isOwnOrigin(
  origin: string | undefined,
  hostHeader: string | undefined,
  allowedHosts: readonly string[],
): boolean {
  if (origin === undefined) return true;
  // An opaque origin ("null") is no URL.
  const page = parseUrl(origin);
  if (!page) return false;
  // With the page's scheme, so that its default port may be left out of either.
  const own = parseUrl(`${page.protocol}//${hostHeader ?? ''}`);
  if (own?.host === page.host) return true;
  return allowedHosts.some((name) => name.toLowerCase() === page.hostname);
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
