/** Checks of RTSP credentials: Basic (RFC 7617) and Digest (RFC 7616; RFC 2069 without qop). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface ReaderCredentials {
  username: string;
  password: string;
  /** Which challenges are sent, in this order. Default: Digest, then Basic. */
  schemes?: readonly ('basic' | 'digest')[];
  /** Default MD5, which is what cameras speak. */
  digestAlgorithm?: 'MD5' | 'SHA-256';
  /** Whether the Digest challenge asks for `qop=auth`. Default false, as most cameras. */
  digestQop?: boolean;
}

const REALM = 'lanecast';

/** Challenges and checks the readers of one server. A nonce holds for the life of the server. */
export class Authenticator {
  readonly #credentials: ReaderCredentials;
  readonly #nonce = randomBytes(16).toString('hex');

  constructor(credentials: ReaderCredentials) {
    this.#credentials = credentials;
  }

  /** The values of the `WWW-Authenticate` headers of a 401. */
  challenges(): string[] {
    const { schemes = ['digest', 'basic'], digestAlgorithm = 'MD5', digestQop = false } = this.#credentials;
    return schemes.map((scheme) => {
      if (scheme === 'basic') return `Basic realm="${REALM}"`;
      const algorithm = digestAlgorithm === 'MD5' ? '' : `, algorithm=${digestAlgorithm}`;
      return `Digest realm="${REALM}", nonce="${this.#nonce}"${algorithm}${digestQop ? ', qop="auth"' : ''}`;
    });
  }

  /** Whether an `Authorization` header (undefined: none was sent) admits to `method`. */
  admits(method: string, authorization: string | undefined): boolean {
    const match = /^(\w+)\s+(.*)$/.exec(authorization ?? '');
    const scheme = match?.[1]?.toLowerCase();
    const { schemes = ['digest', 'basic'] } = this.#credentials;
    if (scheme === 'basic' && schemes.includes('basic')) return this.#admitsBasic(match![2]!);
    if (scheme === 'digest' && schemes.includes('digest')) return this.#admitsDigest(method, match![2]!);
    return false;
  }

  #admitsBasic(token: string): boolean {
    const { username, password } = this.#credentials;
    return same(Buffer.from(token, 'base64').toString('utf8'), `${username}:${password}`);
  }

  #admitsDigest(method: string, parameters: string): boolean {
    const { username, password, digestAlgorithm = 'MD5', digestQop = false } = this.#credentials;
    const sent = parseParameters(parameters);
    const field = (name: string): string => sent.get(name) ?? '';
    if (field('username') !== username || field('realm') !== REALM || field('nonce') !== this.#nonce) return false;
    if ((sent.get('algorithm') ?? 'MD5').toUpperCase() !== digestAlgorithm) return false;
    if (sent.has('qop') !== digestQop) return false;
    const hash = (text: string): string =>
      createHash(digestAlgorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex');
    const userHash = hash(`${username}:${REALM}:${password}`);
    const requestHash = hash(`${method}:${field('uri')}`);
    const middle = digestQop ? `${this.#nonce}:${field('nc')}:${field('cnonce')}:${field('qop')}` : this.#nonce;
    return same(field('response').toLowerCase(), hash(`${userHash}:${middle}:${requestHash}`));
  }
}

/** `a="b", c=d` -> a: b, c: d; names in lower case. */
function parseParameters(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of text.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    found.set(match[1]!.toLowerCase(), match[2] ?? match[3] ?? '');
  }
  return found;
}

function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
