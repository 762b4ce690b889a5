/** The publishing side of a connection: ANNOUNCE, SETUP of each track, RECORD; then its packets go to the mount. */
import type { Mount, PacketKind } from './mount.js';
import type { SdpTrack } from './sdp.js';
import type { TransportRequest } from './transport-header.js';
import { UdpPair } from './udp-pair.js';

export class Publisher {
  readonly mount: Mount;
  recording = false;
  readonly #channels = new Map<number, { track: SdpTrack; kind: PacketKind }>();
  readonly #pairs: UdpPair[] = [];
  #closed = false;

  constructor(mount: Mount) {
    this.mount = mount;
  }

  /** Opens a track's way in; returns the Transport header of the answer. UDP is taken from `remoteAddress` only. */
  async setup(
    track: SdpTrack,
    transport: TransportRequest,
    localAddress: string,
    remoteAddress: string,
  ): Promise<string> {
    if (transport.kind === 'tcp') {
      const [rtp, rtcp] = transport.channels ?? [track.index * 2, track.index * 2 + 1];
      this.#channels.set(rtp, { track, kind: 'rtp' });
      this.#channels.set(rtcp, { track, kind: 'rtcp' });
      return `RTP/AVP/TCP;unicast;interleaved=${rtp}-${rtcp};mode=record`;
    }
    const pair = await UdpPair.bind(localAddress);
    if (this.#closed) pair.close();
    this.#pairs.push(pair);
    pair.onPacket((kind, packet, from) => {
      if (from.address === remoteAddress) this.#forward(track, kind, packet);
    });
    const [rtp, rtcp] = transport.clientPorts;
    return `RTP/AVP;unicast;client_port=${rtp}-${rtcp};server_port=${pair.rtpPort}-${pair.rtpPort + 1};mode=record`;
  }

  /** A packet of the control connection; unknown channels are ignored. */
  onInterleaved(channel: number, packet: Buffer): void {
    const target = this.#channels.get(channel);
    if (target !== undefined) this.#forward(target.track, target.kind, packet);
  }

  #forward(track: SdpTrack, kind: PacketKind, packet: Buffer): void {
    if (this.recording && !this.#closed) this.mount.forward(track, kind, packet);
  }

  /** Closes the UDP ports; the mount is closed by whoever holds the table of mounts. */
  close(): void {
    this.#closed = true;
    for (const pair of this.#pairs) pair.close();
  }
}
