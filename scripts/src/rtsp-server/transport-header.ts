/** The Transport header of SETUP (RFC 2326, section 12.39). Pure. */

export type TransportRequest =
  | { kind: 'tcp'; channels: readonly [rtp: number, rtcp: number] | null }
  | { kind: 'udp'; clientPorts: readonly [rtp: number, rtcp: number] };

/** The first of the offered transports that is served here (unicast, interleaved TCP or UDP), or null. */
export function parseTransport(header: string): TransportRequest | null {
  for (const offer of header.split(',')) {
    const [profile = '', ...parameters] = offer.split(';').map((part) => part.trim());
    if (parameters.includes('multicast')) continue;
    if (profile === 'RTP/AVP/TCP') {
      const range = parseRange(parameters, 'interleaved', 255);
      if (range !== undefined) return { kind: 'tcp', channels: range };
    } else if (profile === 'RTP/AVP' || profile === 'RTP/AVP/UDP') {
      const clientPorts = parseRange(parameters, 'client_port', 65535);
      if (clientPorts != null) return { kind: 'udp', clientPorts };
    }
  }
  return null;
}

/** `name=a-b` or `name=a` (b is then a + 1); null when the parameter is not there, undefined when it is not valid. */
function parseRange(parameters: string[], name: string, max: number): readonly [number, number] | null | undefined {
  const value = parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  if (value === undefined) return null;
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const second = match[2] === undefined ? first + 1 : Number(match[2]);
  return first <= max && second <= max ? [first, second] : undefined;
}
