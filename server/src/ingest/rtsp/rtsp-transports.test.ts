import dgram from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { SequencedRtpPacket } from './rtp-packet.js';
import { RtspClient, type RtspClientOptions } from './rtsp-client.js';
import { FakeRtspServer, interleaved } from './testing/fake-rtsp-server.js';
import { buildRtp } from './testing/rtp-builder.js';
import { hasOpenssl, openTlsFront } from './testing/tls-front.js';

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Plays until the first packet. */
async function firstPacket(options: RtspClientOptions, afterStart: () => void): Promise<SequencedRtpPacket> {
  return new Promise((resolve, reject) => {
    const client = new RtspClient(options, { onPacket: resolve, onClose: reject });
    cleanups.push(() => client.close());
    client.start().then(afterStart, reject);
  });
}

describe.skipIf(!hasIpv6)('IPv6 (needs ::1)', () => {
  it.each(['tcp', 'udp'] as const)('plays over %s', async (transport) => {
    const socket = dgram.createSocket('udp6');
    await new Promise<void>((resolve) => socket.bind(0, '::1', resolve));
    cleanups.push(() => new Promise<void>((resolve) => void socket.close(resolve)));
    let clientPort = 0;
    const server = await FakeRtspServer.open((request) => {
      if (request.method !== 'SETUP' || transport === 'tcp') return undefined;
      const wish = request.headers.get('transport')!;
      clientPort = Number(/client_port=(\d+)/.exec(wish)![1]);
      return { headers: { Session: 'a', Transport: `${wish};server_port=${socket.address().port}` } };
    }, '::1');
    cleanups.push(() => server.close());
    const raw = buildRtp({ sequenceNumber: 3 });
    const packet = await firstPacket({ url: `rtsp://[::1]:${server.port}/x`, transport }, () => {
      if (transport === 'udp') socket.send(raw, clientPort, '::1');
      else server.socket.write(interleaved(0, raw));
    });
    expect(packet.sequenceNumber).toBe(3);
    expect(server.requests[1]!.uri).toBe(`rtsp://[::1]:${server.port}/x`);
  });
});

describe.skipIf(!hasOpenssl)('rtsps (needs openssl for a certificate)', () => {
  it('plays where a self-signed certificate is accepted, and refuses it where not', async () => {
    const server = await FakeRtspServer.open();
    cleanups.push(() => server.close());
    const front = await openTlsFront(server.port);
    cleanups.push(() => front.close());
    const url = `rtsps://127.0.0.1:${front.port}/x`;
    const send = (): void => void server.socket.write(interleaved(0, buildRtp({ sequenceNumber: 8 })));
    const packet = await firstPacket({ url, transport: 'tcp', tlsAllowSelfSigned: true }, send);
    expect(packet.sequenceNumber).toBe(8);
    await expect(firstPacket({ url, transport: 'tcp' }, send)).rejects.toMatchObject({
      code: 'rtsp-unreachable',
      message: expect.stringContaining('set tlsAllowSelfSigned: true for this stream') as string,
    });
  });
});
