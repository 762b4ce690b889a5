import { createHash } from 'node:crypto';
import type { RtspCredentials } from '../../config/rtsp-url.js';

/** A challenge that we can answer. */
export type Challenge =
  | { scheme: 'basic' }
  | {
      scheme: 'digest';
      algorithm: DigestAlgorithm;
      realm: string;
      nonce: string;
      opaque: string | null;
      /** Whether `qop=auth` was offered; without it the older form of RFC 2069 is used. */
      qopAuth: boolean;
      stale: boolean;
    };

type DigestAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess';

/** Best first: a server that offers several gets the strongest. */
const ALGORITHMS: readonly DigestAlgorithm[] = ['SHA-256', 'SHA-256-sess', 'MD5', 'MD5-sess'];
const MAX_HEADER_LENGTH = 4096;

/** Picks the strongest challenge from the WWW-Authenticate headers; null if none can be answered. */
export function chooseChallenge(headers: readonly string[]): Challenge | null {
  const challenges = headers.slice(0, 16).flatMap(parseChallenges);
  const digests = challenges.filter((challenge) => challenge.scheme === 'digest');
  digests.sort((a, b) => ALGORITHMS.indexOf(a.algorithm) - ALGORITHMS.indexOf(b.algorithm));
  return digests[0] ?? challenges[0] ?? null;
}

/** One header may carry several challenges: `Digest realm="a", nonce="b", Basic realm="a"`. */
function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let scheme = '';
  let parameters = new Map<string, string>();
  const finish = (): void => {
    const challenge = toChallenge(scheme, parameters);
    if (challenge) challenges.push(challenge);
  };
  // Either a scheme (a word not followed by '=') or a parameter, quoted or not.
  const token = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([A-Za-z][\w-]*)/g;
  for (const match of header.slice(0, MAX_HEADER_LENGTH).matchAll(token)) {
    if (match[4] !== undefined) {
      finish();
      scheme = match[4].toLowerCase();
      parameters = new Map();
    } else {
      parameters.set(match[1]!.toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '');
    }
  }
  finish();
  return challenges;
}

function toChallenge(scheme: string, parameters: ReadonlyMap<string, string>): Challenge | null {
  if (scheme === 'basic') return { scheme: 'basic' };
  if (scheme !== 'digest') return null;
  const wanted = (parameters.get('algorithm') ?? 'MD5').toLowerCase();
  const algorithm = ALGORITHMS.find((known) => known.toLowerCase() === wanted);
  const nonce = parameters.get('nonce');
  if (!algorithm || nonce === undefined) return null;
  const qops =
    parameters
      .get('qop')
      ?.split(',')
      .map((qop) => qop.trim().toLowerCase()) ?? [];
  const qopAuth = qops.includes('auth');
  // Only `auth-int` offered: we cannot answer that.
  if (!qopAuth && qops.some((qop) => qop !== '')) return null;
  return {
    scheme: 'digest',
    algorithm,
    realm: parameters.get('realm') ?? '',
    nonce,
    opaque: parameters.get('opaque') ?? null,
    qopAuth,
    stale: parameters.get('stale')?.toLowerCase() === 'true',
  };
}

export interface AuthorizationInput {
  method: string;
  /** Exactly the URI of the request line. */
  uri: string;
  credentials: RtspCredentials;
  /** How many requests this nonce has served, this one included. */
  nonceCount: number;
  /** Client nonce: hexadecimal, unpredictable. */
  cnonce: string;
}

/** The value of the Authorization header: Basic (RFC 7617) or Digest (RFC 7616, with the forms of RFC 2069 and 2617). */
export function authorization(challenge: Challenge, input: AuthorizationInput): string {
  const { username, password } = input.credentials;
  if (challenge.scheme === 'basic') {
    return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  }
  const { algorithm, realm, nonce, opaque, qopAuth } = challenge;
  const hash = (text: string): string =>
    createHash(algorithm.startsWith('SHA-256') ? 'sha256' : 'md5')
      .update(text, 'utf8')
      .digest('hex');
  const session = algorithm.endsWith('-sess');
  const secret = hash(`${username}:${realm}:${password}`);
  const ha1 = session ? hash(`${secret}:${nonce}:${input.cnonce}`) : secret;
  const ha2 = hash(`${input.method}:${input.uri}`);
  const nc = input.nonceCount.toString(16).padStart(8, '0');
  const response = qopAuth ? hash(`${ha1}:${nonce}:${nc}:${input.cnonce}:auth:${ha2}`) : hash(`${ha1}:${nonce}:${ha2}`);
  const fields = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(input.uri)}`,
    `response="${response}"`,
  ];
  // Some cameras reject an algorithm that they did not name, and MD5 is the default.
  if (algorithm !== 'MD5') fields.push(`algorithm=${algorithm}`);
  if (opaque !== null) fields.push(`opaque=${quote(opaque)}`);
  if (qopAuth) fields.push('qop=auth', `nc=${nc}`);
  if (qopAuth || session) fields.push(`cnonce="${input.cnonce}"`);
  return `Digest ${fields.join(', ')}`;
}

/** Control characters are removed: a user name cannot end a header line. */
function quote(text: string): string {
  // eslint-disable-next-line no-control-regex
  return `"${text.replace(/[\u0000-\u001f\u007f]/g, '').replace(/["\\]/g, '\\$&')}"`;
}
