import { seededRandom } from '../../core/random.js';

/** The part of a peer's transport that RTP goes through, retransmissions too. */
export interface RtpTransport<Payload = Buffer, Header = never> {
  sendRtp(payload: Payload, header: Header): Promise<number>;
}

/** For tests: lets a transport lose this share of its packets, the same ones in every run. */
export function dropPackets(share: number, seed = 1): (transport: RtpTransport) => void {
  return (transport) => {
    const random = seededRandom(seed);
    const send = transport.sendRtp.bind(transport);
    transport.sendRtp = (payload, header) => (random() < share ? Promise.resolve(0) : send(payload, header));
  };
}
