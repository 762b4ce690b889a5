import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

import { LanecastError } from '../../../core/errors.js';

/** True for addresses and names that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const name = unbracket(host).toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Refuses to serve a network without a token: throws a LanecastError `bind-needs-token`. */
export function requireTokenFor(host: string, token: string | undefined): void {
  if (isLoopback(host) || token) return;
  throw new LanecastError(
    'bind-needs-token',
    `Listening on ${host} would show the cameras to the network without any check. ` +
      'Set a token (server.token in the configuration, or LANECAST_TOKEN), or listen on 127.0.0.1',
  );
}

/**
 * Decides by the Host header whether a request was meant for this server. A page of another site whose name was made
 * to resolve to this machine (DNS rebinding) names itself there, and is refused.
 */
export class HostCheck {
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;

  /** `bindHost` is what the server listens on, `allowedHosts` further names. Ports do not matter. */
  constructor(bindHost: string, allowedHosts: readonly string[] = []) {
    this.#names = new Set([bindHost, ...allowedHosts].map((name) => unbracket(name).toLowerCase().replace(/\.$/, '')));
    // On all interfaces the server cannot know its addresses (think of containers); an address, unlike a name, cannot
    // be made to point elsewhere, so any will do.
    this.#anyAddress = ['0.0.0.0', '::'].includes(unbracket(bindHost));
  }

  allows(hostHeader: string | undefined): boolean {
    const name = hostName(hostHeader);
    if (name === null) return false;
    return isLoopback(name) || this.#names.has(name) || (this.#anyAddress && isIP(name) !== 0);
  }
}

/** The name in a Host header, without port and brackets, in lower case; null if it is malformed. */
export function hostName(header: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '') ?? null;
}

/** Compares tokens in constant time. */
export class TokenCheck {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = digest(token);
  }

  matches(candidate: string | null | undefined): boolean {
    return typeof candidate === 'string' && timingSafeEqual(digest(candidate), this.#digest);
  }
}

/** The token of `Authorization: Bearer ...` (RFC 6750, section 2.1). */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1] ?? null;
}

// Digests have one length, so that comparing tells nothing about the token's.
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function unbracket(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
