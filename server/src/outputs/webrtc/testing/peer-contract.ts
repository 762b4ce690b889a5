/** What every peer must do, whichever library is behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ntpTimestamp } from '../../../core/ntp.js';
import type { MediaLine, OutgoingRtp, Peer, PeerEvents, PeerOptions } from '../peer.js';
import { TestViewer } from './test-viewer.js';

const OPTIONS: PeerOptions = { address: '127.0.0.1', announcedAddress: null, udpPorts: null };
const LINES: MediaLine[] = [
  { mid: '0', stream: 'north' },
  { mid: '1', stream: 'south' },
];
const WAIT_MS = 8000;

const packet = (n: number, marker = true): OutgoingRtp => ({
  sequenceNumber: n & 0xffff,
  timestamp: (n * 3600) >>> 0,
  marker,
  // A NAL unit of a slice, that names itself.
  payload: Uint8Array.of(0x41, n >> 8, n & 0xff, 7),
});

export function describePeer(name: string, create: (options: PeerOptions, events: PeerEvents) => Peer): void {
  describe(`${name} as a peer`, { timeout: 20_000 }, () => {
    const closing: (() => unknown)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });

    async function connect(
      { lines = LINES, ...viewerOptions }: { lines?: MediaLine[]; tracks?: boolean; rtx?: boolean } = {},
      options: Partial<PeerOptions> = {},
    ) {
      const viewer = new TestViewer(viewerOptions);
      const events = {
        onCandidate: vi.fn(),
        onConnected: vi.fn(),
        onPictureLoss: vi.fn(),
        onDetections: vi.fn(),
        onEnd: vi.fn(),
      };
      const peer = create({ ...OPTIONS, ...options }, events);
      closing.push(
        () => peer.close(),
        () => viewer.close(),
      );
      const answer = await peer.answer(await viewer.offer(), lines);
      await viewer.accept(answer);
      await vi.waitFor(() => expect(events.onConnected).toHaveBeenCalledOnce(), WAIT_MS);
      await vi.waitFor(() => expect(lines.every(({ stream }) => peer.canSend(stream))).toBe(true), WAIT_MS);
      return { viewer, events, peer, answer };
    }

    it('carries packets as they are, each stream on its line, at the timestamps that it is given', async () => {
      const { viewer, peer } = await connect();
      const sent = [65_534, 65_535, 65_536].map((n) => packet(n, n % 2 === 1));
      for (const one of sent) peer.sendRtp('north', one);
      peer.sendRtp('south', packet(9));
      await vi.waitFor(() => expect(viewer.packets.map(({ length }) => length)).toEqual([3, 1]), WAIT_MS);
      expect(
        viewer.packets[0]!.map(({ header, payload }) => ({
          sequenceNumber: header.sequenceNumber,
          timestamp: header.timestamp,
          marker: header.marker,
          payload: Uint8Array.from(payload),
        })),
      ).toEqual(sent);
      expect(viewer.packets[1]![0]!.header.timestamp).toBe(9 * 3600);
      expect(viewer.ssrc(0)).not.toBe(viewer.ssrc(1));
    });

    it.each([true, false])('sends what was lost again, new and old packets (RTX: %s)', async (rtx) => {
      const { viewer, peer } = await connect({ rtx });
      for (let n = 0; n < 1500; n++) {
        peer.sendRtp('north', packet(n, true));
        // The sockets' buffers are small.
        if (n % 20 === 0) await sleep(1);
      }
      const received = viewer.packets[0]!;
      await vi.waitFor(() => expect(received.at(-1)?.header.sequenceNumber).toBe(1499), WAIT_MS);
      const before = received.length;
      await viewer.miss(0, [100, 101, 1490]);
      await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(before + 3), WAIT_MS);
      const again = received.slice(before).sort((a, b) => a.header.sequenceNumber - b.header.sequenceNumber);
      expect(again.map(({ header }) => [header.sequenceNumber, header.timestamp])).toEqual([
        [100, 360_000],
        [101, 363_600],
        [1490, 1490 * 3600],
      ]);
      expect(again.map(({ payload }) => [...payload])).toEqual([100, 101, 1490].map((n) => [...packet(n).payload]));
    });

    it('reports which wall-clock time a timestamp belongs to (RFC 3550, 6.4.1)', async () => {
      const { viewer, peer } = await connect();
      let n = 0;
      const timer = setInterval(() => peer.sendRtp('north', packet(n++)), 40);
      closing.push(() => clearInterval(timer));
      await vi.waitFor(() => expect(viewer.reports.length).toBeGreaterThanOrEqual(2), WAIT_MS);
      for (const { packet: report, atMs } of viewer.reports) {
        const { ntpTimestamp: ntp, rtpTimestamp, packetCount } = report.senderInfo;
        expect(report.ssrc).toBe(viewer.ssrc(0));
        const ageMs = (Number(ntpTimestamp(atMs) - ntp) / 2 ** 32) * 1000;
        // A frame comes every 40 ms; the machine may be busy.
        expect(ageMs).toBeGreaterThan(-50);
        expect(ageMs).toBeLessThan(700);
        expect(rtpTimestamp % 3600).toBe(0);
        expect(packetCount).toBe(rtpTimestamp / 3600 + 1);
      }
    });

    it('tells of lost pictures, of which stream', async () => {
      const { viewer, peer, events } = await connect();
      peer.sendRtp('north', packet(1));
      peer.sendRtp('south', packet(1));
      await vi.waitFor(() => expect(viewer.packets[1]!.length).toBe(1), WAIT_MS);
      await viewer.losePicture(1);
      await vi.waitFor(() => expect(events.onPictureLoss.mock.calls).toEqual([['south']]), WAIT_MS);
    });

    it('sends track messages on the channel that the viewer opened', async () => {
      const { viewer, peer } = await connect();
      const message = Uint8Array.from({ length: 200 }, (_, i) => i);
      await vi.waitFor(() => expect(peer.sendTracks(message)).toBe(true), WAIT_MS);
      await vi.waitFor(() => expect(viewer.messages[0]).toEqual(Buffer.from(message)), WAIT_MS);
    });

    it('says that there is no such channel, where there is none', async () => {
      const { peer } = await connect({ tracks: false });
      expect(peer.sendTracks(Uint8Array.of(1))).toBeNull();
    });

    it('leaves lines that show nothing inactive', async () => {
      const { peer, answer } = await connect({ lines: LINES.slice(1) });
      expect(answer.match(/^a=(inactive|sendonly)/gm)).toEqual(['a=inactive', 'a=sendonly']);
      expect(peer.canSend('north')).toBe(false);
      expect(answer).toMatch(/^a=rtcp-fb:\d+ nack pli/m);
    });

    // All of 127/8 is this machine on Linux alone.
    it.skipIf(process.platform !== 'linux')('is bound to its address, and announces another if told', async () => {
      const { answer } = await connect({}, { address: '127.0.0.2' });
      const hosts = (sdp: string): Set<string> =>
        new Set([...sdp.matchAll(/candidate:\S+ \d udp \d+ (\S+) \d+ typ host/gi)].map(([, address]) => address!));
      expect(hosts(answer)).toEqual(new Set(['127.0.0.2']));
      const peer = create({ ...OPTIONS, announcedAddress: '203.0.113.7' }, noEvents());
      const viewer = new TestViewer();
      closing.push(
        () => peer.close(),
        () => viewer.close(),
      );
      expect(hosts(await peer.answer(await viewer.offer(), LINES))).toEqual(new Set(['203.0.113.7']));
    });

    it('refuses what is no offer', async () => {
      const peer = create(OPTIONS, noEvents());
      closing.push(() => peer.close());
      await expect(peer.answer('hello', LINES)).rejects.toMatchObject({ code: 'offer-refused' });
    });

    it('sends nothing after it was closed, and may be closed twice', async () => {
      const { viewer, peer, events } = await connect();
      peer.sendRtp('north', packet(1));
      await vi.waitFor(() => expect(viewer.packets[0]!.length).toBe(1), WAIT_MS);
      peer.close();
      peer.close();
      peer.sendRtp('north', packet(2));
      expect(peer.canSend('north')).toBe(false);
      expect(peer.sendTracks(Uint8Array.of(1))).not.toBe(true);
      await sleep(300);
      expect(viewer.packets[0]!.length).toBe(1);
      expect(events.onEnd).not.toHaveBeenCalled();
    });
  });
}

function noEvents(): PeerEvents {
  return {
    onCandidate: () => undefined,
    onConnected: () => undefined,
    onPictureLoss: () => undefined,
    onDetections: () => undefined,
    onEnd: () => undefined,
  };
}
