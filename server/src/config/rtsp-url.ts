import { LanecastError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';

export interface RtspCredentials {
  username: string;
  password: string;
}

/** An RTSP URL taken apart; `requestUrl` is what goes on the wire and into messages' redaction: it has no credentials. */
export interface RtspUrl {
  secure: boolean;
  /** Without brackets when it is an IPv6 address. */
  host: string;
  port: number;
  credentials: RtspCredentials | null;
  requestUrl: string;
}

const DEFAULT_PORT = 554;
const DEFAULT_TLS_PORT = 322;
const MAX_URL_LENGTH = 4096;

/**
 * Parses `rtsp://[user[:password]@]host[:port][/path][?query]` (or `rtsps://`). Path and query are kept as written,
 * because cameras compare them as text; user and password are percent-decoded.
 * @throws LanecastError `bad-url`
 */
export function parseRtspUrl(url: string): RtspUrl {
  const parsed = tryParse(url);
  if (typeof parsed !== 'string') return parsed;
  throw new LanecastError('bad-url', `The stream address ${redactUrl(url).slice(0, 200)} cannot be used: ${parsed}`);
}

/** Why an address is no RTSP URL, without repeating any of it; null if it is one. */
export function rtspUrlFault(url: string): string | null {
  const parsed = tryParse(url);
  return typeof parsed === 'string' ? parsed : null;
}

/** The parts, or what is wrong. */
function tryParse(url: string): RtspUrl | string {
  const trimmed = url.trim();
  const parts = /^(rtsps?):\/\/([^/?#]*)([^#]*)/i.exec(trimmed);
  if (!parts) return 'it must begin with rtsp:// or rtsps://, then [user:password@]host[:port]/path';
  if (trimmed.length > MAX_URL_LENGTH) return `it is longer than ${MAX_URL_LENGTH} characters`;
  // A control character in a request line would let one request become two.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) return 'it contains a control character';
  const scheme = parts[1]!.toLowerCase();
  const authority = parts[2]!;
  const at = authority.lastIndexOf('@');
  const hostPort = parseHostPort(authority.slice(at + 1));
  if (!hostPort) {
    return 'host or port is not valid; if the password contains / ? # or @, write it percent-encoded (%2F %3F %23 %40)';
  }
  const secure = scheme === 'rtsps';
  const defaultPort = secure ? DEFAULT_TLS_PORT : DEFAULT_PORT;
  const hostText = hostPort.host.includes(':') ? `[${hostPort.host}]` : hostPort.host;
  const portText = hostPort.port === null ? '' : `:${hostPort.port}`;
  return {
    secure,
    host: hostPort.host,
    port: hostPort.port ?? defaultPort,
    credentials: at < 0 ? null : parseUserInfo(authority.slice(0, at)),
    requestUrl: `${scheme}://${hostText}${portText}${encodeUnsafe(parts[3]!)}`,
  };
}

function parseHostPort(text: string): { host: string; port: number | null } | null {
  const parts = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([\p{L}\p{N}._~-]+))(?::(\d{1,5})?)?$/iu.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  if (host === undefined) return null;
  if (parts![3] === undefined) return { host, port: null };
  const port = Number(parts![3]);
  return port >= 1 && port <= 65535 ? { host, port } : null;
}

function parseUserInfo(userInfo: string): RtspCredentials {
  const colon = userInfo.indexOf(':');
  const username = colon < 0 ? userInfo : userInfo.slice(0, colon);
  return { username: percentDecode(username), password: colon < 0 ? '' : percentDecode(userInfo.slice(colon + 1)) };
}

/** A password may hold a bare '%': then it is meant literally. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Spaces and non-ASCII only; through Buffer, because encodeURIComponent throws on half a surrogate pair. */
function encodeUnsafe(pathAndQuery: string): string {
  return pathAndQuery.replace(/[^\u0021-\u007e]+/g, (text) => encodeURIComponent(Buffer.from(text).toString()));
}
