import {
  GenericNack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpTransceiver,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  type RtpPacket,
  useH264,
  useNACK,
  usePLI,
  useSdesMid,
} from 'werift';

/** A viewer for tests (werift): two lines of video, and perhaps a channel for tracks. */
export class TestViewer {
  readonly packets: RtpPacket[][] = [[], []];
  readonly reports: { packet: RtcpSrPacket; atMs: number }[] = [];
  readonly messages: Buffer[] = [];
  readonly lines: RTCRtpTransceiver[];
  readonly #connection: RTCPeerConnection;

  constructor({ tracks = true, rtx = true } = {}) {
    const rtxCodec = new RTCRtpCodecParameters({ mimeType: 'video/rtx', clockRate: 90_000 });
    this.#connection = new RTCPeerConnection({
      codecs: { video: [useH264({ rtcpFeedback: [useNACK(), usePLI()] }), ...(rtx ? [rtxCodec] : [])] },
      headerExtensions: { video: [useSdesMid()] },
      iceServers: [],
      iceInterfaceAddresses: { udp4: '127.0.0.1' },
      iceAdditionalHostAddresses: ['127.0.0.1'],
      iceUseIpv6: false,
    });
    this.lines = this.packets.map((packets) => {
      const line = this.#connection.addTransceiver('video', { direction: 'recvonly' });
      line.onTrack.subscribe((track) => {
        track.onReceiveRtp.subscribe((packet) => packets.push(packet));
      });
      line.receiver.onRtcp.subscribe((packet) => {
        if (packet instanceof RtcpSrPacket) this.reports.push({ packet, atMs: Date.now() });
      });
      return line;
    });
    if (!tracks) return;
    const channel = this.#connection.createDataChannel('tracks', { ordered: false, maxRetransmits: 1 });
    channel.onMessage.subscribe((data) => this.messages.push(Buffer.from(data as Buffer)));
  }

  async offer(): Promise<string> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return this.#connection.localDescription!.sdp;
  }

  accept(answer: string): Promise<void> {
    return this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Asks for packets of a line again. */
  async miss(line: number, lost: number[]): Promise<void> {
    const { receiver } = this.lines[line]!;
    const mediaSourceSsrc = this.ssrc(line);
    const feedback = new GenericNack({ senderSsrc: 1, mediaSourceSsrc, lost });
    await receiver.dtlsTransport.sendRtcp([new RtcpTransportLayerFeedback({ feedback })]);
  }

  /** Says that pictures of a line are lost, as players do: in the name of the SSRC that its own offer tells. */
  losePicture(line: number): Promise<void> {
    return this.lines[line]!.receiver.sendRtcpPLI(this.ssrc(line));
  }

  ssrc(line: number): number {
    return this.packets[line]![0]!.header.ssrc;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
