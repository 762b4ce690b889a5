/** Splits an RTSP request URL into the path that is published and the rest that names a track. Pure. */

/**
 * `rtsp://host:port/stream0/trackID=0?x=y` -> `stream0/trackID=0`: no scheme, host, query or outer slashes.
 * A URL that cannot be decoded gives its raw path.
 */
export function pathOfUrl(url: string): string {
  const path = url
    .replace(/^rtspu?:\/\/[^/]*/i, '')
    .replace(/[?#].*$/, '')
    .replace(/^\/+|\/+$/g, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What follows `mount` in `path` (`stream0/trackID=0` -> `trackID=0`), or null when `path` is not below it. */
export function controlBelow(mount: string, path: string): string | null {
  if (path === mount) return '';
  return path.startsWith(`${mount}/`) ? path.slice(mount.length + 1) : null;
}
