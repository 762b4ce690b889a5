/** What a server's answer to SETUP says about the way of the media (RFC 2326, section 12.39). */
export interface TransportAnswer {
  protocol: 'tcp' | 'udp';
  multicast: boolean;
  /** Interleaved channels of RTP and RTCP. */
  interleaved: [rtp: number, rtcp: number] | null;
  serverPorts: [rtp: number, rtcp: number] | null;
}

/** Reads the first transport of the header; null if there is none that can be understood. */
export function parseTransportHeader(header: string): TransportAnswer | null {
  const [first] = header.split(',', 1);
  const fields = first!.split(';', 32).map((field) => field.trim());
  const profile = /^RTP\/S?AVPF?(?:\/(TCP|UDP))?$/i.exec(fields[0]!);
  if (!profile) return null;
  const answer: TransportAnswer = {
    protocol: profile[1]?.toUpperCase() === 'TCP' ? 'tcp' : 'udp',
    multicast: false,
    interleaved: null,
    serverPorts: null,
  };
  for (const field of fields.slice(1)) {
    const [name, value] = splitOnce(field.toLowerCase(), '=');
    if (name === 'multicast') answer.multicast = true;
    else if (name === 'interleaved') answer.interleaved = parsePair(value, 255);
    else if (name === 'server_port') answer.serverPorts = parsePair(value, 65535);
  }
  return answer;
}

/** `a-b`, or `a` alone, which stands for `a` and the next. */
function parsePair(text: string, max: number): [number, number] | null {
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim());
  if (!parts) return null;
  const first = Number(parts[1]);
  const second = parts[2] === undefined ? first + 1 : Number(parts[2]);
  return first <= max && second <= max ? [first, second] : null;
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index).trim(), text.slice(index + 1)];
}
