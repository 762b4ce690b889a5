import { LanecastError } from '../../core/errors.js';

/** Every way in which an RTSP session can end badly. */
export type RtspErrorCode =
  | 'bad-url'
  | 'rtsp-unreachable'
  | 'rtsp-unauthorised'
  | 'rtsp-not-found'
  | 'rtsp-refused'
  | 'rtsp-protocol'
  | 'rtsp-timeout'
  | 'rtsp-silence'
  | 'rtsp-closed'
  | 'rtsp-internal'
  | 'unsupported-codec'
  | 'no-video'
  | 'aborted';

/** The one place where RTSP errors are made, so that codes stay within the list. */
export function rtspError(code: RtspErrorCode, message: string, cause?: unknown): LanecastError {
  return new LanecastError(code, message, cause === undefined ? undefined : { cause });
}

/** A failed connect (DNS, refused, unroutable, TLS) in words; the cause is left out on purpose where it would repeat the address. */
export function unreachableError(shownUrl: string, host: string, port: number, error: unknown): LanecastError {
  return rtspError('rtsp-unreachable', `Cannot reach ${shownUrl}: ${connectFailure(host, port, error)}`, error);
}

function connectFailure(host: string, port: number, error: unknown): string {
  // With several addresses Node reports an AggregateError that has the code of the first failure.
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return `the name ${host} cannot be resolved (${code}); check the host name and the DNS`;
    case 'ECONNREFUSED':
      return `${host} refused port ${port}; check the port and that RTSP is switched on`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return `there is no route to ${host} (${code}); check the address, the cable and the network`;
    case 'ETIMEDOUT':
      return `${host} did not answer on port ${port}; check the address and any firewall`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_HAS_EXPIRED':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is not trusted (${code}); install one that is, or set tlsAllowSelfSigned: true for this stream in the configuration`;
    default:
      return `the connection to port ${port} failed (${code || 'unknown error'}); check address, port and scheme (rtsp or rtsps)`;
  }
}

const STATUS_HINTS: Readonly<Record<number, string>> = {
  400: 'Bad Request: the server does not understand the address; check the path and query',
  403: 'Forbidden: this user may not watch this stream; check its rights on the camera',
  406: 'Not Acceptable: the server cannot describe this stream',
  453: 'Not Enough Bandwidth: too many viewers; close some or raise the limit on the camera',
  454: 'Session Not Found: the server forgot the session',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport: try the other transport (tcp or udp)',
  500: 'Internal Server Error: restart the camera or server if it persists',
  501: 'Not Implemented: the server lacks a needed method',
  503: 'Service Unavailable: the server is busy or has too many viewers',
  505: 'RTSP Version Not Supported',
};

/** An answer other than 2xx, 3xx and 401. The server's own wording is left out: it may echo anything. */
export function statusError(method: string, status: number, shownUrl: string): LanecastError {
  if (status === 404) {
    return rtspError('rtsp-not-found', `${shownUrl} does not exist on the server (404); check the path of the address`);
  }
  const hint = STATUS_HINTS[status];
  return rtspError(
    'rtsp-refused',
    `${shownUrl}: the server refused ${method} with status ${status}${hint === undefined ? '; check the address and the camera' : ` (${hint})`}`,
  );
}
