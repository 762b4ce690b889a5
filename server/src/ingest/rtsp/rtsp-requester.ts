import { authorization, chooseChallenge, type Challenge } from './auth.js';
import type { RtspResponse } from './message-parser.js';
import type { RtspConnection } from './rtsp-connection.js';
import { rtspError } from './rtsp-errors.js';
import type { RtspCredentials } from '../../config/rtsp-url.js';

export interface RtspRequesterOptions {
  credentials: RtspCredentials | null;
  /** The address without credentials, for messages. */
  shownUrl: string;
  randomBytes: (count: number) => Uint8Array;
}

/**
 * Requests that identify themselves: answers a 401 with Basic or Digest, at most once, and once more where only the
 * nonce had expired. A wrong password is never tried again: cameras lock accounts.
 */
export class RtspRequester {
  readonly #connection: RtspConnection;
  readonly #options: RtspRequesterOptions;
  #challenge: Challenge | null = null;
  #nonceCount = 0;
  /** The credentials have been accepted before: another 401 can only mean that the nonce is used up. */
  #accepted = false;

  constructor(connection: RtspConnection, options: RtspRequesterOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /**
   * @returns the answer, of any status but 401
   * @throws LanecastError `rtsp-unauthorised`, `rtsp-timeout`, or the error that closed the connection
   */
  async send(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string>> = {},
    timeoutMs?: number,
  ): Promise<RtspResponse> {
    let renewed = false;
    for (;;) {
      const used = this.#challenge;
      const response = await this.#connection.request(
        method,
        uri,
        { ...headers, ...this.#authorize(method, uri) },
        timeoutMs,
      );
      if (response.status !== 401) {
        if (used) this.#accepted = true;
        return response;
      }
      const challenge = this.#challengeOf(response);
      if (used) {
        if (renewed || !this.#isExpired(used, challenge)) throw this.#refused();
        renewed = true;
      }
      this.#challenge = challenge;
      this.#nonceCount = 0;
    }
  }

  #challengeOf(response: RtspResponse): Challenge {
    const { credentials, shownUrl } = this.#options;
    if (!credentials) {
      throw rtspError(
        'rtsp-unauthorised',
        `${shownUrl}: the server wants a user name and password; put them into the address, before the host, as user:password@`,
      );
    }
    const challenge = chooseChallenge(response.headers.get('www-authenticate') ?? []);
    if (!challenge) {
      throw rtspError(
        'rtsp-unauthorised',
        `${shownUrl}: the server wants a kind of authentication that is not supported; set the camera to Digest or Basic`,
      );
    }
    return challenge;
  }

  #isExpired(used: Challenge, challenge: Challenge): boolean {
    if (used.scheme !== 'digest' || challenge.scheme !== 'digest') return false;
    // Many cameras renew the nonce without saying `stale`.
    return challenge.stale || (this.#accepted && challenge.nonce !== used.nonce);
  }

  #refused(): Error {
    return rtspError(
      'rtsp-unauthorised',
      `${this.#options.shownUrl}: the server did not accept the user name and password; check them (reserved characters percent-encoded)`,
    );
  }

  #authorize(method: string, uri: string): Record<string, string> {
    const { credentials, randomBytes } = this.#options;
    if (!this.#challenge || !credentials) return {};
    this.#nonceCount++;
    const cnonce = Buffer.from(randomBytes(8)).toString('hex');
    const value = authorization(this.#challenge, { method, uri, credentials, nonceCount: this.#nonceCount, cnonce });
    return { Authorization: value };
  }
}
