/**
 * Puts the address that viewers can reach in place of this machine's own in host candidates (RFC 8839, 5.1), in one
 * candidate or in a whole SDP: behind NAT or in a container the two differ. null leaves all as it is.
 */
export function announce(text: string, address: string | null): string {
  if (address === null) return text;
  return text.replace(/(candidate:\S+ \d+ udp \d+ )(\S+)( \d+ typ host)/gi, `$1${address}$3`);
}
