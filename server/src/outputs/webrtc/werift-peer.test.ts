import { afterEach, expect, it, vi } from 'vitest';
import { RTCPeerConnection, useH264 } from 'werift';
import { describePeer } from './testing/peer-contract.js';
import { WeriftPeer } from './werift-peer.js';

describePeer('werift', (options, events) => new WeriftPeer(options, events));

afterEach(() => vi.restoreAllMocks());

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
  const ignore = (): void => undefined;
  const peer = new WeriftPeer(
    { address: '127.0.0.1', announcedAddress: null, udpPorts: null },
    { onCandidate: ignore, onConnected: ignore, onEnd: ignore, onPictureLoss: ignore, onDetections: ignore },
  );
  await peer.answer(sdp, [{ mid: null, stream: 'road' }]);
  expect(asked).toEqual([undefined]);
  peer.close();
  await browser.close();
});
