/** A WHEP player for tests (werift): takes note of the timestamps that it receives. */
import { expect } from 'vitest';
import { RTCPeerConnection, type RTCDataChannel, type RTCRtpCodecParameters, useH264, useOPUS } from 'werift';
import { decodeTracks } from '../dist/core/protocol/track-message.js';
import { ask } from './outputs-http-client.js';

export const SDP = { 'Content-Type': 'application/sdp' };

interface Received {
  rtpTimestamps: Set<number>;
  trackTimestamps: Set<number>;
  payloadBytes: number;
}

/** Sees each packet of the video. */
export type SeePacket = (timestamp: number, marker: boolean, payload: Uint8Array) => void;

/** A standard player, as far as one without a decoder goes. */
export class Player {
  readonly received: Received = { rtpTimestamps: new Set(), trackTimestamps: new Set(), payloadBytes: 0 };
  readonly connection: RTCPeerConnection;
  location = '';
  answer = '';

  constructor({ tracks = true, audio = false, codec = useH264(), see }: PlayerOptions = {}) {
    this.connection = new RTCPeerConnection({
      codecs: { video: [codec], audio: [useOPUS()] },
      iceServers: [],
      iceInterfaceAddresses: { udp4: '127.0.0.1' },
      iceAdditionalHostAddresses: ['127.0.0.1'],
      iceUseIpv6: false,
    });
    if (audio) this.connection.addTransceiver('audio', { direction: 'recvonly' });
    const transceiver = this.connection.addTransceiver('video', { direction: 'recvonly' });
    transceiver.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ header, payload }) => {
        this.received.rtpTimestamps.add(header.timestamp);
        this.received.payloadBytes += payload.length;
        see?.(header.timestamp, header.marker, payload);
      });
    });
    if (!tracks) return;
    const channel: RTCDataChannel = this.connection.createDataChannel('tracks', { ordered: false, maxRetransmits: 1 });
    channel.onMessage.subscribe((data) => {
      const bytes = new Uint8Array(data as Buffer);
      this.received.trackTimestamps.add(decodeTracks(bytes).rtpTimestamp);
    });
  }

  async offer(): Promise<string> {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    return this.connection.localDescription!.sdp;
  }

  async play(url: string, headers: Record<string, string> = {}): Promise<void> {
    const { status, headers: answered, body } = await post(url, await this.offer(), headers);
    expect([status, status === 201 ? '' : body.toString()]).toEqual([201, '']);
    expect(answered['content-type']).toBe('application/sdp');
    this.location = new URL(answered.location!, url).href;
    this.answer = body.toString();
    await this.connection.setRemoteDescription({ type: 'answer', sdp: this.answer });
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

export interface PlayerOptions {
  tracks?: boolean;
  audio?: boolean;
  codec?: RTCRtpCodecParameters;
  see?: SeePacket;
}

export const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  ask(url, { method: 'POST', headers: { ...SDP, ...headers }, body });
