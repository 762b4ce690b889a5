import { parseRtspUrl } from '../../config/rtsp-url.js';

const MAX_CONTROL_LENGTH = 2048;

/**
 * The base that control addresses are relative to (RFC 2326, section C.1.1): Content-Base, else Content-Location, else
 * the address of the request. Credentials in it are dropped; one that is not usable is passed over.
 */
export function baseUrl(
  contentBase: string | undefined,
  contentLocation: string | undefined,
  requestUrl: string,
): string {
  for (const candidate of [contentBase, contentLocation]) {
    if (candidate === undefined || candidate === '') continue;
    const absolute = candidate.startsWith('/') ? originOf(requestUrl) + candidate : candidate;
    const url = tryRequestUrl(absolute);
    if (url !== null) return url;
  }
  return requestUrl;
}

/**
 * The address that an `a=control` attribute names. `*` or nothing is the base itself; an absolute address is taken as
 * it is (without credentials); anything else is appended to the base, as servers and players do it: behind a query too,
 * which RFC 3986 would drop.
 */
export function resolveControl(base: string, control: string | null): string {
  if (control === null || control === '*' || control === '') return base;
  const text = encodeBlanks(control.slice(0, MAX_CONTROL_LENGTH));
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return tryRequestUrl(text) ?? base;
  if (text.startsWith('?')) return base + text;
  const path = text.startsWith('/') ? text.slice(1) : text;
  return base.endsWith('/') ? base + path : `${base}/${path}`;
}

function tryRequestUrl(url: string): string | null {
  try {
    return parseRtspUrl(url).requestUrl;
  } catch {
    return null;
  }
}

function originOf(requestUrl: string): string {
  return /^[a-z]+:\/\/[^/?#]*/i.exec(requestUrl)?.[0] ?? requestUrl;
}

/** It goes into a request line: no blanks, no control characters, no bytes beyond ASCII. */
function encodeBlanks(text: string): string {
  return text.replace(/[^\u0021-\u007e]+/g, (part) => encodeURIComponent(Buffer.from(part).toString()));
}
