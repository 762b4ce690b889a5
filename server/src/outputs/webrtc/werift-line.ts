import {
  type RTCDtlsTransport,
  type RTCRtpSender,
  type RTCRtpTransceiver,
  RtpPacket,
  wrapRtx,
  RtpHeader,
} from 'werift';
import { ntpTimestamp } from '../../core/ntp.js';
import type { OutgoingRtp } from './peer.js';
import { RtpTemplate } from './rtp-template.js';

export const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
const SDES_MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
/** Minimum and maximum of zero: show a picture as soon as it is decoded; the server has held it long enough. */
const NO_PLAYOUT_DELAY = Buffer.from([0, 0, 0]);
/** Packets that can be sent again: a large keyframe has hundreds. */
const HISTORY = 2048;

/** What werift's sender keeps to itself, and its sender reports and retransmissions need. */
interface SenderInternals {
  rtxPayloadType?: number;
  rtxSequenceNumber: number;
  ntpTimestamp: bigint;
  rtpTimestamp: number;
  packetCount: number;
  octetCount: number;
}

/**
 * One media line of a werift connection. Packets go straight to its transport: werift's own way there (track, sender)
 * copies each packet twice, works out its header extensions anew, and remembers it for a bandwidth estimate and a
 * history that is too short. It would cost a third more. What the sender's reports tell is kept up to date here.
 */
export class WeriftLine {
  readonly #transceiver: RTCRtpTransceiver;
  readonly #sender: RTCRtpSender;
  readonly #internals: SenderInternals;
  readonly #history = new Array<OutgoingRtp | undefined>(HISTORY).fill(undefined);
  #template: RtpTemplate | null = null;
  /** Of the template: they change when the viewer offers anew. */
  #extensions: unknown = null;
  #reports = false;

  constructor(transceiver: RTCRtpTransceiver) {
    this.#transceiver = transceiver;
    this.#sender = transceiver.sender;
    this.#internals = this.#sender as unknown as SenderInternals;
    this.#sender.onGenericNack.subscribe(({ lost }) => {
      for (const sequenceNumber of lost) this.#retransmit(sequenceNumber);
    });
  }

  get transport(): RTCDtlsTransport {
    return this.#sender.dtlsTransport;
  }

  send(packet: OutgoingRtp): void {
    const { transport } = this;
    const payloadType = this.#sender.codec?.payloadType;
    if (payloadType === undefined || transport.state !== 'connected') return;
    const header = this.#header(payloadType);
    const { sequenceNumber, timestamp, marker, payload } = packet;
    header.sequenceNumber = sequenceNumber;
    header.timestamp = timestamp;
    header.marker = marker;
    this.#history[sequenceNumber % HISTORY] = packet;
    const internals = this.#internals;
    internals.packetCount = (internals.packetCount + 1) >>> 0;
    internals.octetCount = (internals.octetCount + payload.length) >>> 0;
    void transport.sendRtp(asBuffer(payload), header);
    if (!marker) return;
    internals.ntpTimestamp = ntpTimestamp(performance.timeOrigin + performance.now());
    internals.rtpTimestamp = timestamp;
    if (this.#reports) return;
    this.#reports = true;
    void this.#sender.runRtcp();
  }

  #header(payloadType: number): RtpTemplate {
    const extensions = this.#transceiver.headerExtensions;
    const known = this.#template;
    if (known?.payloadType === payloadType && this.#extensions === extensions) return known;
    const { mid } = this.#transceiver;
    const values: Readonly<Record<string, Buffer | undefined>> = {
      [SDES_MID]: mid == null ? undefined : Buffer.from(mid),
      [PLAYOUT_DELAY]: NO_PLAYOUT_DELAY,
    };
    const used = extensions.flatMap(({ id, uri }) => {
      const data = values[uri];
      return data ? [{ id, data }] : [];
    });
    this.#extensions = extensions;
    return (this.#template = new RtpTemplate(this.#sender.ssrc, payloadType, used));
  }

  /** RFC 4588 where the viewer takes it; werift knows none of these packets. */
  #retransmit(sequenceNumber: number): void {
    const lost = this.#history[sequenceNumber % HISTORY];
    const payloadType = this.#sender.codec?.payloadType;
    if (lost?.sequenceNumber !== sequenceNumber || payloadType === undefined) return;
    const { timestamp, marker, payload } = lost;
    const internals = this.#internals;
    const { ssrc, rtxSsrc } = this.#sender;
    let again = new RtpPacket(
      new RtpHeader({ ssrc, payloadType, sequenceNumber, timestamp, marker }),
      asBuffer(payload),
    );
    if (internals.rtxPayloadType !== undefined) {
      again = wrapRtx(again, internals.rtxPayloadType, internals.rtxSequenceNumber, rtxSsrc);
      internals.rtxSequenceNumber = (internals.rtxSequenceNumber + 1) & 0xffff;
    }
    void this.transport.sendRtp(again.payload, again.header);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
