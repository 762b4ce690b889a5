import { randomInt } from 'node:crypto';
import ndc from 'node-datachannel';
import * as sdpTransform from 'sdp-transform';
import { LanecastError } from '@lanecast/server/core/errors';
import { announce } from '@lanecast/server/outputs/webrtc/announced-address';
import type { MediaLine, OutgoingRtp, Peer, PeerEvents, PeerOptions } from '@lanecast/server/outputs/webrtc/peer';
import { RateBound } from '@lanecast/server/outputs/webrtc/rate-bound';
import { parseFeedback, senderReport } from './feedback.js';

const SDES_MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
const HISTORY = 2048;
const REPORT_EVERY_MS = 1000;
const MAX_PACKET_BYTES = 1600;
const HEADER_BYTES = 12;

type OfferedMedia = sdpTransform.SessionDescription['media'][number];
type Track = InstanceType<typeof ndc.Track>;

interface Line {
  track: Track;
  ssrc: number;
  payloadType: number;
  rtx: { ssrc: number; payloadType: number; sequenceNumber: number } | null;
  /** Header extensions (RFC 8285, 4.2), padded; the same in every packet. */
  extensions: Buffer;
  history: (OutgoingRtp | undefined)[];
  packets: number;
  bytes: number;
  lastTimestamp: number;
  lastSentAtMs: number;
}

/** A peer connection by libdatachannel (node-datachannel), to hold werift's against. Main thread or one worker only. */
export class LibdatachannelPeer implements Peer {
  readonly #events: PeerEvents;
  readonly #options: PeerOptions;
  readonly #connection: InstanceType<typeof ndc.PeerConnection>;
  readonly #lines = new Map<string, Line>();
  readonly #sending = new Set<string>();
  readonly #tracksRate = new RateBound();
  readonly #packet = Buffer.alloc(MAX_PACKET_BYTES);
  readonly #timer: NodeJS.Timeout;
  #channel: ReturnType<InstanceType<typeof ndc.PeerConnection>['createDataChannel']> | null = null;
  #gathered = false;
  #onGathered: (() => void) | null = null;
  #connected = false;
  #closed = false;

  constructor(options: PeerOptions, events: PeerEvents) {
    this.#events = events;
    this.#options = options;
    const [portRangeBegin, portRangeEnd] = options.udpPorts ?? [];
    const connection = new ndc.PeerConnection('viewer', {
      iceServers: [],
      bindAddress: options.address,
      disableAutoNegotiation: true,
      ...(portRangeBegin === undefined ? {} : { portRangeBegin, portRangeEnd: portRangeEnd! }),
    });
    this.#connection = connection;
    connection.onLocalCandidate((candidate, mid) => {
      if (!this.#closed) events.onCandidate(announce(candidate, options.announcedAddress), mid);
    });
    connection.onGatheringStateChange((state) => {
      if (state !== 'complete' || this.#closed) return;
      this.#gathered = true;
      this.#onGathered?.();
      events.onCandidate(null, null);
    });
    connection.onDataChannel((channel) => {
      if (channel.getLabel() === 'tracks') this.#channel = channel;
    });
    connection.onStateChange((state) => {
      if (this.#closed) return;
      this.#connected = state === 'connected';
      if (state === 'connected') events.onConnected();
      else if (state === 'failed' || state === 'closed' || state === 'disconnected')
        events.onEnd(`the peer connection ${state}`);
    });
    this.#timer = setInterval(() => this.#report(), REPORT_EVERY_MS);
  }

  async answer(sdp: string, lines: readonly MediaLine[]): Promise<string> {
    if (!/^v=0\r?\n/.test(sdp) || !/^m=/m.test(sdp))
      throw new LanecastError('offer-refused', 'It is no SDP: it begins with "v=0" and has media lines');
    const offer = sdpTransform.parse(sdp);
    const video = offer.media.filter(({ type }) => type === 'video');
    this.#sending.clear();
    const shown = new Set<string>();
    for (const { mid, stream } of lines) {
      const media = mid === null ? video[0] : video.find((candidate) => String(candidate.mid) === mid);
      if (!media || !this.#openLine(stream, media)) continue;
      this.#sending.add(stream);
      shown.add(String(media.mid));
    }
    this.#connection.setRemoteDescription(sdp, 'offer');
    this.#connection.setLocalDescription('answer');
    if (!this.#gathered) await new Promise<void>((resolve) => (this.#onGathered = resolve));
    const answer = this.#connection.localDescription()?.sdp;
    if (!answer) throw new LanecastError('offer-refused', 'The offer has no media that can be answered');
    const described = sdpTransform.parse(answer);
    for (const media of described.media)
      if (media.type !== 'application') media.direction = shown.has(String(media.mid)) ? 'sendonly' : 'inactive';
    return announce(sdpTransform.write(described), this.#options.announcedAddress);
  }

  addCandidate(candidate: string, mid: string | null): Promise<void> {
    if (candidate !== '' && !/\.local\b/i.test(candidate))
      this.#connection.addRemoteCandidate(candidate.replace(/^(?:a=)?/, 'a='), mid ?? '0');
    return Promise.resolve();
  }

  canSend(stream: string): boolean {
    return this.#connected && this.#sending.has(stream);
  }

  sendRtp(stream: string, rtp: OutgoingRtp): void {
    const line = this.#lines.get(stream);
    if (!line || this.#closed) return;
    line.history[rtp.sequenceNumber % HISTORY] = rtp;
    line.packets++;
    line.bytes += rtp.payload.length;
    line.lastTimestamp = rtp.timestamp;
    line.lastSentAtMs = Date.now();
    const { payloadType, ssrc } = line;
    const header = this.#header(line, payloadType, rtp.sequenceNumber, rtp, ssrc);
    this.#packet.set(rtp.payload, header);
    this.#send(line, header + rtp.payload.length);
  }

  sendTracks(message: Uint8Array): boolean | null {
    const channel = this.#channel;
    if (!channel) return null;
    if (this.#closed || !channel.isOpen()) return false;
    if (!this.#tracksRate.admits(channel.bufferedAmount(), message.length, Date.now())) return false;
    return channel.sendMessageBinary(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connected = false;
    clearInterval(this.#timer);
    this.#onGathered?.();
    this.#channel?.close();
    for (const { track } of this.#lines.values()) track.close();
    this.#connection.close();
  }

  /** Returns the header's length in `#packet`. */
  #header(line: Line, payloadType: number, sequenceNumber: number, rtp: OutgoingRtp, ssrc: number): number {
    const packet = this.#packet;
    packet[0] = line.extensions.length > 0 ? 0x90 : 0x80;
    packet[1] = payloadType | (rtp.marker ? 0x80 : 0);
    packet.writeUInt16BE(sequenceNumber, 2);
    packet.writeUInt32BE(rtp.timestamp, 4);
    packet.writeUInt32BE(ssrc, 8);
    packet.set(line.extensions, HEADER_BYTES);
    return HEADER_BYTES + line.extensions.length;
  }

  #send(line: Line, length: number): void {
    try {
      // It is copied there.
      line.track.sendMessageBinary(this.#packet.subarray(0, length));
    } catch {
      // The track closed: its connection tells so.
    }
  }

  #receive(stream: string, line: Line, packet: Buffer): void {
    if (this.#closed) return;
    const { lost, pictureLost } = parseFeedback(packet, line.ssrc);
    for (const sequenceNumber of lost) this.#retransmit(line, sequenceNumber);
    if (pictureLost) this.#events.onPictureLoss(stream);
  }

  /** RFC 4588 where the viewer takes it. */
  #retransmit(line: Line, sequenceNumber: number): void {
    const rtp = line.history[sequenceNumber % HISTORY];
    if (rtp?.sequenceNumber !== sequenceNumber) return;
    const { rtx } = line;
    if (!rtx) {
      const header = this.#header(line, line.payloadType, sequenceNumber, rtp, line.ssrc);
      this.#packet.set(rtp.payload, header);
      this.#send(line, header + rtp.payload.length);
      return;
    }
    const header = this.#header(line, rtx.payloadType, rtx.sequenceNumber, rtp, rtx.ssrc);
    rtx.sequenceNumber = (rtx.sequenceNumber + 1) & 0xffff;
    this.#packet.writeUInt16BE(sequenceNumber, header);
    this.#packet.set(rtp.payload, header + 2);
    this.#send(line, header + 2 + rtp.payload.length);
  }

  #report(): void {
    if (!this.#connected) return;
    for (const line of this.#lines.values()) {
      if (line.packets === 0) continue;
      const report = senderReport(line.ssrc, line.lastSentAtMs, line.lastTimestamp, line.packets, line.bytes);
      this.#packet.set(report);
      this.#send(line, report.length);
    }
  }

  #openLine(stream: string, media: OfferedMedia): boolean {
    if (this.#lines.has(stream)) return true;
    const fmtp = (payload: number): string => media.fmtp.find((f) => f.payload === payload)?.config ?? '';
    const h264 = media.rtp.find(
      ({ codec, payload }) => /^h264$/i.test(codec) && /packetization-mode=1/.test(fmtp(payload)),
    );
    if (!h264) return false;
    const mid = String(media.mid);
    const video = new ndc.Video(mid, 'SendOnly');
    video.addH264Codec(h264.payload, fmtp(h264.payload));
    const rtxType = media.rtp.find(
      ({ codec, payload }) => /^rtx$/i.test(codec) && new RegExp(`apt=${h264.payload}\\b`).test(fmtp(payload)),
    )?.payload;
    const ssrc = randomInt(1, 2 ** 32);
    video.addSSRC(ssrc, 'lanecast', 'lanecast', mid);
    const rtx = rtxType === undefined ? null : { ssrc: randomInt(1, 2 ** 32), payloadType: rtxType, sequenceNumber: 1 };
    if (rtx) {
      video.addRTXCodec(rtx.payloadType, h264.payload, 90_000);
      video.addSSRC(rtx.ssrc, 'lanecast', 'lanecast', mid);
      video.parseSdpLine(`a=ssrc-group:FID ${ssrc} ${rtx.ssrc}`);
    }
    const elements: number[] = [];
    for (const { uri, value } of media.ext ?? []) {
      if (uri !== SDES_MID && uri !== PLAYOUT_DELAY) continue;
      video.parseSdpLine(`a=extmap:${value} ${uri}`);
      const data = uri === SDES_MID ? [...Buffer.from(mid)] : [0, 0, 0];
      elements.push((value << 4) | (data.length - 1), ...data);
    }
    while (elements.length % 4 !== 0) elements.push(0);
    const extensions = Buffer.from(elements.length > 0 ? [0xbe, 0xde, 0, elements.length / 4, ...elements] : []);
    const history = new Array<undefined>(HISTORY).fill(undefined);
    const track = this.#connection.addTrack(video);
    const line: Line = {
      ...{ track, ssrc, payloadType: h264.payload, rtx, extensions, history },
      ...{ packets: 0, bytes: 0, lastTimestamp: 0, lastSentAtMs: 0 },
    };
    track.onMessage((packet) => this.#receive(stream, line, packet));
    this.#lines.set(stream, line);
    return true;
  }
}
