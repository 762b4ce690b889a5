import { describe, expect, it } from 'vitest';
import { Mount, type MountReader, type PacketFilter } from './mount.js';
import { parsePublishedSdp } from './sdp.js';

const SDP = parsePublishedSdp('m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 0 RTP/AVP 97\r\n');
const [VIDEO, AUDIO] = SDP.tracks as [(typeof SDP.tracks)[0], (typeof SDP.tracks)[0]];
const rtp = (...payload: number[]): Buffer => Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, ...payload]);
const IDR = rtp(0x65, 0);
const P = rtp(0x41, 0);

class FakeReader implements MountReader {
  readonly received: string[] = [];
  ended = 0;
  constructor(readonly tracks: readonly number[]) {}
  wants(trackIndex: number): boolean {
    return this.tracks.includes(trackIndex);
  }
  send(trackIndex: number, kind: string, packet: Buffer): void {
    if (this.wants(trackIndex))
      this.received.push(`${trackIndex} ${kind} ${packet === IDR ? 'idr' : packet === P ? 'p' : '?'}`);
  }
  end(): void {
    this.ended++;
  }
}

function mountWith(filter?: PacketFilter): Mount {
  return new Mount('x', SDP, () => filter);
}

describe('Mount', () => {
  it('lets a reader begin at a keyframe, whatever the others had', () => {
    const mount = mountWith();
    const early = new FakeReader([0]);
    mount.add(early);
    mount.forward(VIDEO, 'rtp', IDR);
    const late = new FakeReader([0]);
    mount.add(late);
    for (const packet of [P, IDR, P]) mount.forward(VIDEO, 'rtp', packet);
    expect(early.received).toEqual(['0 rtp idr', '0 rtp p', '0 rtp idr', '0 rtp p']);
    expect(late.received).toEqual(['0 rtp idr', '0 rtp p']);
  });

  it('holds audio back until the video begins, but not for a reader of audio alone', () => {
    const mount = mountWith();
    const both = new FakeReader([0, 1]);
    const audio = new FakeReader([1]);
    mount.add(both);
    mount.add(audio);
    mount.forward(AUDIO, 'rtp', P);
    mount.forward(VIDEO, 'rtp', IDR);
    mount.forward(AUDIO, 'rtp', P);
    expect(both.received).toEqual(['0 rtp idr', '1 rtp p']);
    expect(audio.received).toEqual(['1 rtp p', '1 rtp p']);
  });

  it('passes RTCP at once', () => {
    const mount = mountWith();
    const reader = new FakeReader([0]);
    mount.add(reader);
    mount.forward(VIDEO, 'rtcp', P);
    expect(reader.received).toEqual(['0 rtcp p']);
  });

  it('sends what the filter makes of a packet', () => {
    const mount = mountWith((packet) => (packet === P ? null : packet));
    const reader = new FakeReader([0]);
    mount.add(reader);
    for (const packet of [IDR, P, IDR]) mount.forward(VIDEO, 'rtp', packet);
    expect(reader.received).toEqual(['0 rtp idr', '0 rtp idr']);
    expect(mount.rtpPackets).toBe(3);
  });

  it('ends every reader once', () => {
    const mount = mountWith();
    const reader = new FakeReader([0]);
    mount.add(reader);
    mount.close();
    mount.close();
    expect(reader.ended).toBe(1);
    expect(mount.readerCount).toBe(0);
  });
});
