import { redactUrl } from '../../core/redact.js';
import { rtspError } from './rtsp-errors.js';
import { parseRtspUrl, type RtspUrl } from '../../config/rtsp-url.js';

/**
 * Where a redirect leads. Credentials go along only to the same host, and never from rtsps to rtsp; those that the new
 * address itself carries are used for that address.
 * @throws LanecastError `rtsp-refused` if it leads anywhere but to an RTSP address
 */
export function followRedirect(from: RtspUrl, location: string): RtspUrl {
  const target = parseTarget(from, location);
  const sameHost = target.host.toLowerCase() === from.host.toLowerCase();
  const downgrade = from.secure && !target.secure;
  return { ...target, credentials: target.credentials ?? (sameHost && !downgrade ? from.credentials : null) };
}

function parseTarget(from: RtspUrl, location: string): RtspUrl {
  const absolute = location.startsWith('/')
    ? `${/^[a-z]+:\/\/[^/?#]*/i.exec(from.requestUrl)?.[0] ?? ''}${location}`
    : location;
  try {
    return parseRtspUrl(absolute);
  } catch (error) {
    throw rtspError(
      'rtsp-refused',
      `${redactUrl(from.requestUrl)}: the server redirects to ${redactUrl(location).slice(0, 200)}, which is no RTSP address; check the camera`,
      error,
    );
  }
}
