import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { classes, Message, methods, RTCPeerConnection, useH264 } from 'werift';
import { describePeer } from './testing/peer-contract.js';
import { WeriftPeer } from './werift-peer.js';

describePeer('werift', (options, events) => new WeriftPeer(options, events));

afterEach(() => vi.restoreAllMocks());

function quietPeer(): WeriftPeer {
  const ignore = (): void => undefined;
  return new WeriftPeer(
    { address: '127.0.0.1', announcedAddress: null, udpPorts: null },
    { onCandidate: ignore, onConnected: ignore, onEnd: ignore, onPictureLoss: ignore, onDetections: ignore },
  );
}

// A viewer of libdatachannel stayed unconnected for good: the media thread had come late, and answered each repetition.
it('answers checks that waited together once', async () => {
  const browser = new RTCPeerConnection({ codecs: { video: [useH264()] } });
  browser.addTransceiver('video', { direction: 'recvonly' });
  const peer = quietPeer();
  const answer = await peer.answer((await browser.createOffer()).sdp, [{ mid: null, stream: 'road' }]);
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(answer)![1]!;
  const port = Number(/^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/im.exec(answer)![1]);
  const check = (nominates: boolean): Buffer => {
    const request = new Message(methods.BINDING, classes.REQUEST, Buffer.alloc(12, 7));
    request.setAttribute('USERNAME', `${ufrag}:else`).setAttribute('PRIORITY', 1);
    request.setAttribute('ICE-CONTROLLING', 1n);
    if (nominates) request.setAttribute('USE-CANDIDATE', null);
    return request.bytes;
  };
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let answers = 0;
  // Its own checks come here too.
  socket.on('message', (bytes) => (answers += bytes.readUInt16BE(0) === 0x0101 ? 1 : 0));
  for (let i = 0; i < 3; i++) socket.send(check(false), port, '127.0.0.1');
  await vi.waitFor(() => expect(answers).toBeGreaterThan(0), 5000);
  await sleep(100);
  expect(answers).toBe(1);
  socket.send(check(true), port, '127.0.0.1');
  await vi.waitFor(() => expect(answers).toBe(2), 5000);
  await sleep(200);
  socket.send(check(false), port, '127.0.0.1');
  await vi.waitFor(() => expect(answers).toBe(3), 5000);
  socket.close();
  peer.close();
  await browser.close();
});

// werift takes stun.l.google.com where no STUN server is named, and asks when addresses are gathered: from then on.
it('asks nobody on the internet for its address', async () => {
  const browser = new RTCPeerConnection({ codecs: { video: [useH264()] } });
  browser.addTransceiver('video', { direction: 'recvonly' });
  const { sdp } = await browser.createOffer();
  const asked: unknown[] = [];
  const gather = vi.spyOn(RTCPeerConnection.prototype, 'setLocalDescription');
  gather.mockImplementation(function (this: RTCPeerConnection, ...given) {
    for (const { connection } of this.iceTransports) asked.push((connection as { stunServer?: unknown }).stunServer);
    gather.mockRestore();
    return this.setLocalDescription(...given);
  });
  const peer = quietPeer();
  await peer.answer(sdp, [{ mid: null, stream: 'road' }]);
  expect(asked).toEqual([undefined]);
  peer.close();
  await browser.close();
});
