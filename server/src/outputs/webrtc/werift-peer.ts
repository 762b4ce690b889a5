import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RTCRtpHeaderExtensionParameters,
  type RTCDataChannel,
  type RTCRtpSender,
  type RTCRtpTransceiver,
  RtpHeader,
  RtpPacket,
  useH264,
  useNACK,
  usePLI,
  useSdesMid,
  wrapRtx,
} from 'werift';
import { LanecastError, messageOf } from '../../core/errors.js';
import { announce } from './announced-address.js';
import type { MediaLine, OutgoingRtp, Peer, PeerEvents, PeerOptions } from './peer.js';
import type { RtpTransport } from './packet-loss.js';
import { RateBound } from './rate-bound.js';

const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
/** Minimum and maximum of zero: show a picture as soon as it is decoded; the server has held it long enough. */
const NO_PLAYOUT_DELAY = Buffer.from([0, 0, 0]);
/** werift remembers this many packets for retransmission; a large keyframe has more. */
const WERIFT_HISTORY = 128;
const HISTORY = 2048;

/** What werift's sender keeps to itself, and a retransmission needs. */
interface SenderInternals {
  rtxPayloadType?: number;
  rtxSequenceNumber: number;
}

interface Line {
  transceiver: RTCRtpTransceiver;
  track: MediaStreamTrack;
  history: (RtpPacket | undefined)[];
  newest: number;
}

/** A peer connection by werift 0.25. Knows its traps: FACTS of each are told where they are avoided. */
export class WeriftPeer implements Peer {
  readonly #events: PeerEvents;
  readonly #options: PeerOptions;
  readonly #connection: RTCPeerConnection;
  readonly #lines = new Map<string, Line>();
  readonly #sending = new Set<string>();
  readonly #tracksRate = new RateBound();
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
      // Loopback is left out unless it is named.
      iceInterfaceAddresses: address.includes(':') ? { udp6: address } : { udp4: address },
      iceAdditionalHostAddresses: [address],
      iceUseIpv4: !address.includes(':'),
      iceUseIpv6: address.includes(':'),
      icePortRange: udpPorts ? [udpPorts[0], udpPorts[1]] : undefined,
    });
    this.#connection.onIceCandidate.subscribe((candidate) => {
      const text = candidate?.candidate ?? null;
      events.onCandidate(text && announce(text, options.announcedAddress), candidate?.sdpMid ?? null);
    });
    this.#connection.onDataChannel.subscribe((channel) => {
      if (channel.label === 'tracks') this.#channel = channel;
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
    await connection.setRemoteDescription({ type: 'offer', sdp: withoutLocalNames(sdp) });
    this.#sending.clear();
    const video = connection.getTransceivers().filter(({ kind }) => kind === 'video');
    for (const transceiver of connection.getTransceivers()) {
      const line = lines.find(({ mid }) =>
        mid === null ? transceiver === video[0] : transceiver.kind === 'video' && transceiver.mid === mid,
      );
      transceiver.setDirection(line ? 'sendonly' : 'inactive');
      if (!line) continue;
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
    return this.#connection.connectionState === 'connected' && this.#sending.has(stream);
  }

  sendRtp(stream: string, { sequenceNumber, timestamp, marker, payload }: OutgoingRtp): void {
    const line = this.#lines.get(stream);
    if (!line) return;
    if (this.#onTransport) {
      // One transport carries all lines.
      this.#onTransport(line.transceiver.sender.dtlsTransport);
      this.#onTransport = undefined;
    }
    const header = new RtpHeader({ sequenceNumber, timestamp, marker });
    const delay = line.transceiver.headerExtensions.find(({ uri }) => uri === PLAYOUT_DELAY);
    if (delay) header.extensions = [{ id: delay.id, payload: NO_PLAYOUT_DELAY }];
    const packet = new RtpPacket(header, Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
    line.history[sequenceNumber % HISTORY] = packet;
    line.newest = sequenceNumber;
    line.track.writeRtp(packet);
  }

  sendTracks(message: Uint8Array): boolean | null {
    const channel = this.#channel;
    if (!channel) return null;
    if (channel.readyState !== 'open') return false;
    if (!this.#tracksRate.admits(channel.bufferedAmount, message.length, Date.now())) return false;
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
    const track = new MediaStreamTrack({ kind: 'video' });
    const line: Line = { transceiver, track, history: new Array<undefined>(HISTORY).fill(undefined), newest: 0 };
    this.#lines.set(stream, line);
    const { sender } = transceiver;
    sender.onPictureLossIndication.subscribe(() => this.#events.onPictureLoss(stream));
    sender.onGenericNack.subscribe(({ lost }) => {
      for (const sequenceNumber of lost) this.#retransmit(line, sender, sequenceNumber);
    });
    // Once per line: at the second time werift would begin to rewrite timestamps.
    await sender.replaceTrack(track);
  }

  /** What werift's own history has lost already (RFC 4588 where the viewer takes it). */
  #retransmit(line: Line, sender: RTCRtpSender, sequenceNumber: number): void {
    if (((line.newest - sequenceNumber) & 0xffff) < WERIFT_HISTORY) return;
    const packet = line.history[sequenceNumber % HISTORY];
    if (packet?.header.sequenceNumber !== sequenceNumber) return;
    const internals = sender as unknown as SenderInternals;
    let again = packet;
    if (internals.rtxPayloadType !== undefined) {
      again = wrapRtx(packet, internals.rtxPayloadType, internals.rtxSequenceNumber, sender.rtxSsrc);
      internals.rtxSequenceNumber = (internals.rtxSequenceNumber + 1) & 0xffff;
    }
    void sender.dtlsTransport.sendRtp(again.payload, again.header);
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
