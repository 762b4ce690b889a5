import dgram from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { FakeRtspServer } from './testing/fake-rtsp-server.js';
import { cleanups, clientFor, failureOf, rtp, serve, until } from './testing/rtsp-client-rig.js';

describe('a session over UDP', () => {
  async function udpServer(): Promise<{
    server: FakeRtspServer;
    socket: dgram.Socket;
    received: Buffer[];
    clientPort: () => number;
  }> {
    const socket = dgram.createSocket('udp4');
    const received: Buffer[] = [];
    socket.on('message', (message) => received.push(message));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise<void>((resolve) => void socket.close(resolve)));
    const server = await serve((request) => {
      if (request.method !== 'SETUP') return undefined;
      const port = socket.address().port;
      const transport = `${request.headers.get('transport')!};server_port=${port}-${port}`;
      return { headers: { Session: 'abc', Transport: transport } };
    });
    const clientPort = (): number =>
      Number(
        /client_port=(\d+)-/.exec(
          server.requests.find(({ method }) => method === 'SETUP')!.headers.get('transport')!,
        )![1],
      );
    return { server, socket, received, clientPort };
  }

  it('uses an even port, opens the way, and puts packets into order', async () => {
    const { server, socket, received, clientPort } = await udpServer();
    const { client, recorder } = clientFor(server.url(), { transport: 'udp', reorderWaitMs: 20 });
    await client.start();
    expect(clientPort() % 2).toBe(0);
    await until(() => received.length >= 2);
    expect(received.map((packet) => packet[1]).sort()).toEqual([0, 201]);
    for (const sequence of [1, 3, 2, 2, 4, 6]) socket.send(rtp(sequence), clientPort(), '127.0.0.1');
    await until(() => recorder.packets.length === 5);
    expect(recorder.packets.map((packet) => packet.sequenceNumber)).toEqual([1, 2, 3, 4, 6]);
    expect(recorder.packets.at(-1)!.lostBefore).toBe(1);
    expect(client.stats).toMatchObject({ packetsLost: 1, packetsReordered: 1, packetsDuplicate: 1 });
  });

  it('takes nothing from other addresses', async () => {
    const { server, socket, clientPort } = await udpServer();
    const { client, recorder } = clientFor(server.url(), { transport: 'udp' });
    await client.start();
    const stranger = dgram.createSocket('udp4');
    cleanups.push(() => new Promise<void>((resolve) => void stranger.close(resolve)));
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.2', resolve));
    stranger.send(rtp(100), clientPort(), '127.0.0.1');
    await until(() => client.stats.datagramsForeign === 1);
    socket.send(rtp(1), clientPort(), '127.0.0.1');
    await until(() => recorder.packets.length === 1);
    expect(recorder.packets[0]!.sequenceNumber).toBe(1);
  });

  it('says that a firewall may be in the way when nothing ever comes', async () => {
    const { server } = await udpServer();
    const { client, recorder } = clientFor(server.url(), { transport: 'udp', silenceTimeoutMs: 60 });
    await client.start();
    await until(() => recorder.closes.length === 1);
    expect(recorder.closes[0]).toMatchObject({
      code: 'rtsp-silence',
      message: expect.stringContaining('use tcp') as string,
    });
  });

  it('is refused together with rtsps, which would not encrypt it', async () => {
    expect(await failureOf('rtsps://127.0.0.1/x', { transport: 'udp' })).toMatchObject({ code: 'bad-url' });
  });
});
