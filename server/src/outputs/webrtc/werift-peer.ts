import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RTCRtpHeaderExtensionParameters,
  type RTCDataChannel,
  type RTCRtpTransceiver,
  useH264,
  useNACK,
  usePLI,
  useSdesMid,
} from 'werift';
import { LanecastError, messageOf } from '../../core/errors.js';
import { monotonicMs } from '../../ops/clock.js';
import { announce } from './announced-address.js';
import type { MediaLine, OutgoingRtp, Peer, PeerEvents, PeerOptions } from './peer.js';
import type { RtpTransport } from './packet-loss.js';
import { RateBound } from './rate-bound.js';
import { StunRepeats } from './stun-repeats.js';
import { PLAYOUT_DELAY, WeriftLine } from './werift-line.js';

/** A peer connection by werift 0.25. Knows its traps: FACTS of each are told where they are avoided. */
export class WeriftPeer implements Peer {
  readonly #events: PeerEvents;
  readonly #options: PeerOptions;
  readonly #connection: RTCPeerConnection;
  readonly #lines = new Map<string, WeriftLine>();
  readonly #sending = new Set<string>();
  readonly #tracksRate = new RateBound();
  readonly #repeats = new StunRepeats();
  #channel: RTCDataChannel | null = null;
  #heedsGoodbye = false;
  #onTransport: ((transport: RtpTransport) => void) | undefined;
  #closed = false;

  /** @param onTransport for tests: may put itself between RTP and the network. */
  constructor(options: PeerOptions, events: PeerEvents, onTransport?: (transport: RtpTransport) => void) {
    this.#events = events;
    this.#options = options;
    this.#onTransport = onTransport;
    const { address, udpPorts } = options;
    this.#connection = new RTCPeerConnection({
      codecs: {
        video: [
          useH264({ rtcpFeedback: [useNACK(), usePLI()] }),
          new RTCRtpCodecParameters({ mimeType: 'video/rtx', clockRate: 90_000 }),
        ],
      },
      headerExtensions: { video: [useSdesMid(), new RTCRtpHeaderExtensionParameters({ uri: PLAYOUT_DELAY })] },
      bundlePolicy: 'max-bundle',
      iceServers: [],
      // werift would add every address of this machine to one on loopback, candidates on which nothing listens.
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [address],
      iceInterfaceAddresses: address.includes(':') ? { udp6: address } : { udp4: address },
      iceFilterStunResponse: (request) =>
        !this.#repeats.isRepeat(
          request.transactionIdHex,
          request.attributesKeys.includes('USE-CANDIDATE'),
          performance.now(),
        ),
      icePortRange: udpPorts ? [udpPorts[0], udpPorts[1]] : undefined,
    });
    this.#connection.onIceCandidate.subscribe((candidate) => {
      const text = candidate?.candidate ?? null;
      events.onCandidate(text && announce(text, options.announcedAddress), candidate?.sdpMid ?? null);
    });
    this.#connection.onDataChannel.subscribe((channel) => {
      if (channel.label === 'tracks') this.#channel = channel;
      if (channel.label !== 'detections') return;
      channel.onMessage.subscribe((data) => {
        // Text is told apart by its type; no page of ours sends any.
        if (!this.#closed) events.onDetections(typeof data === 'string' ? Buffer.from(data) : data);
      });
    });
    this.#connection.connectionStateChange.subscribe((state) => {
      if (this.#closed) return;
      if (state === 'connected') {
        this.#followGoodbye();
        events.onConnected();
      } else if (state === 'failed' || state === 'closed') events.onEnd(`the peer connection ${state}`);
    });
  }

  async answer(sdp: string, lines: readonly MediaLine[]): Promise<string> {
    // werift answers whatever text comes, with nothing in it.
    if (!/^v=0\r?\n/.test(sdp) || !/^m=/m.test(sdp))
      throw new LanecastError('offer-refused', 'It is no SDP: it begins with "v=0" and has media lines');
    const connection = this.#connection;
    await connection.setRemoteDescription({ type: 'offer', sdp: withoutSources(withoutLocalNames(sdp)) });
    this.#sending.clear();
    const video = connection.getTransceivers().filter(({ kind }) => kind === 'video');
    for (const transceiver of connection.getTransceivers()) {
      const line = lines.find(({ mid }) =>
        mid === null ? transceiver === video[0] : transceiver.kind === 'video' && transceiver.mid === mid,
      );
      transceiver.setDirection(line ? 'sendonly' : 'inactive');
      if (!line) {
        // It may never be used again: what it kept for retransmission goes.
        for (const old of this.#lines.values()) if (old.isOf(transceiver)) old.forget();
        continue;
      }
      this.#sending.add(line.stream);
      if (!this.#lines.has(line.stream)) await this.#openLine(line.stream, transceiver);
    }
    const answered = await connection.createAnswer();
    withoutStunServer(connection);
    await connection.setLocalDescription(answered);
    const answer = connection.localDescription?.sdp;
    if (!answer) throw new LanecastError('offer-refused', 'The offer has no media that can be answered');
    return announce(answer, this.#options.announcedAddress);
  }

  async addCandidate(candidate: string, mid: string | null): Promise<void> {
    // A name for mDNS would cost a query each; the viewer's own checks tell its address all the same.
    if (candidate === '' || /\.local\b/i.test(candidate)) return;
    await this.#connection.addIceCandidate({ candidate, sdpMid: mid ?? '0' });
  }

  canSend(stream: string): boolean {
    return !this.#closed && this.#connection.connectionState === 'connected' && this.#sending.has(stream);
  }

  sendRtp(stream: string, packet: OutgoingRtp): void {
    const line = this.#lines.get(stream);
    if (!line || this.#closed) return;
    if (this.#onTransport) {
      // One transport carries all lines.
      this.#onTransport(line.transport);
      this.#onTransport = undefined;
    }
    line.send(packet);
  }

  sendTracks(message: Uint8Array): boolean | null {
    const channel = this.#channel;
    if (!channel) return null;
    if (this.#closed) return false;
    if (channel.readyState !== 'open') return false;
    if (!this.#tracksRate.admits(channel.bufferedAmount, message.length, monotonicMs())) return false;
    channel.send(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close().catch((error: unknown) => this.#events.onEnd(messageOf(error)));
  }

  /** A viewer that closes says so by DTLS at once; werift's connection would notice after half a minute only. */
  #followGoodbye(): void {
    if (this.#heedsGoodbye) return;
    this.#heedsGoodbye = true;
    for (const transport of this.#connection.dtlsTransports)
      transport.onStateChange.subscribe((state) => {
        if (state === 'closed' && !this.#closed) this.#events.onEnd('the viewer closed the connection');
      });
  }

  async #openLine(stream: string, transceiver: RTCRtpTransceiver): Promise<void> {
    const { sender } = transceiver;
    this.#lines.set(stream, new WeriftLine(transceiver));
    sender.onPictureLossIndication.subscribe(() => this.#events.onPictureLoss(stream));
    // The answer names the track; nothing is written to it.
    await sender.replaceTrack(new MediaStreamTrack({ kind: 'video' }));
  }
}

/** Where none is named werift asks one of Google's for its address: every viewer would be told of, and wait for it. */
function withoutStunServer({ iceTransports }: RTCPeerConnection): void {
  for (const { connection } of iceTransports) (connection as { stunServer?: unknown }).stunServer = undefined;
}

/** Without the candidates whose address is a name for mDNS. */
function withoutLocalNames(sdp: string): string {
  return sdp.replace(/^a=candidate:.*\.local\b.*\r?\n/gim, '');
}

/**
 * Without the SSRCs that the viewer names (werift's players do), although it sends no media. werift's router looks
 * whose report it is by the reporter's SSRC first: a PLI of one that was named would go to a receiver of ours, which
 * ignores it, and never to the sender that it is about.
 */
function withoutSources(sdp: string): string {
  return sdp.replace(/^a=ssrc(?:-group)?:.*\r?\n/gm, '');
}
