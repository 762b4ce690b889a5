import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { LanecastError } from '../../core/errors.js';
import type { ServerMessage } from '../../core/signalling/messages.js';
import { DashboardSession, type SessionHost } from './dashboard-session.js';
import type { ViewerEvents } from './media-host.js';

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: ServerMessage[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text) as ServerMessage);
  }
  close(): void {
    this.readyState = 3;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('DashboardSession', () => {
  let socket: FakeSocket;
  let session: DashboardSession;
  let now: number;
  let events: ViewerEvents | null;
  let ended: string[];
  let holdMs: number;
  let prepared: Promise<boolean>;
  const seat = { watch: vi.fn(), lend: vi.fn(), receive: vi.fn(), flooded: vi.fn(), leave: vi.fn() };
  const desk = { open: () => seat, stats: vi.fn() };
  const media = {
    open: vi.fn(),
    answer: vi.fn(),
    addCandidate: vi.fn(),
    watch: vi.fn(),
    setWaits: vi.fn(),
    setLent: vi.fn(),
    leave: vi.fn(),
  };

  beforeEach(() => {
    vi.resetAllMocks();
    now = 0;
    events = null;
    ended = [];
    holdMs = 60;
    prepared = Promise.resolve(true);
    media.open.mockImplementation((_peer: unknown, _waits: boolean, given: ViewerEvents) => {
      events = given;
      return 7;
    });
    media.answer.mockResolvedValue('v=0 answer');
    socket = new FakeSocket();
    const host: SessionHost = {
      classes: ['car'],
      media,
      peer: { address: '127.0.0.1', announcedAddress: null, udpPorts: null },
      lending: { rights: { lend: true }, desk, identity: 'page', acceptsModel: () => prepared },
      carriages: (waits) => [
        { id: 'north', index: 0, carriage: 'webrtc', reason: null, holdMs: waits ? holdMs : 0 },
        { id: 'south', index: 1, carriage: 'mjpeg', reason: 'B-frames', holdMs: 0 },
      ],
      openStream: (id) => id === 'north',
      nowMs: () => now,
      epochMs: () => 1000 + now,
      onEnd: (_, reason) => ended.push(reason),
    };
    session = new DashboardSession(socket as unknown as WebSocket, host);
  });

  async function say(...messages: unknown[]): Promise<void> {
    for (const message of messages)
      socket.emit('message', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), false);
    await settle();
  }

  const hello = { type: 'hello', version: 1, mode: 'smooth' };
  const offer = {
    type: 'offer',
    sdp: 'v=0 offer',
    streams: [
      { mid: '0', stream: 'north' },
      { mid: '1', stream: 'south' },
      { mid: '2', stream: 'nowhere' },
    ],
  };

  it('greets, answers with the streams that WebRTC can carry, and watches what the page sees', async () => {
    await say(hello, offer, { type: 'watch', streams: ['north'] });
    expect(socket.sent[0]).toMatchObject({
      type: 'welcome',
      classes: ['car'],
      streams: [{ id: 'north', holdMs: 60 }, {}],
    });
    expect(media.answer).toHaveBeenCalledWith(7, 'v=0 offer', [{ mid: '0', stream: 'north' }]);
    expect(socket.sent[1]).toEqual({ type: 'answer', sdp: 'v=0 answer' });
    expect(media.watch).toHaveBeenCalledWith(7, ['north']);
    expect(session.connected).toBe(false);
    events!.onConnected();
    expect(session.connected).toBe(true);
  });

  it('handles one message after the other, although answering takes time', async () => {
    let answer: (sdp: string) => void = () => undefined;
    media.answer.mockReturnValue(new Promise<string>((resolve) => (answer = resolve)));
    await say(hello, offer, { type: 'candidate', candidate: 'candidate:1', mid: '0' });
    expect(media.addCandidate).not.toHaveBeenCalled();
    answer('late');
    await settle();
    expect(media.addCandidate).toHaveBeenCalledWith(7, 'candidate:1', '0');
  });

  it('answers pings and shows video while it prepares the model that a page offers to run', async () => {
    let isReady: (ours: boolean) => void = () => undefined;
    prepared = new Promise((resolve) => (isReady = resolve));
    const lend = { type: 'lend', offer: { backend: 'wasm', detectionsPerS: 9, model: 'ab'.repeat(32) } };
    await say(hello, offer, lend, { ...lend, offer: null }, { type: 'watch', streams: ['north'] });
    await say({ type: 'ping', sentAtMs: 3.5 });
    expect(socket.sent.at(-1)).toMatchObject({ type: 'pong' });
    expect(media.watch).toHaveBeenCalledWith(7, ['north']);
    expect(seat.lend).not.toHaveBeenCalled();
    isReady(true);
    await settle();
    // What was said last counts.
    expect(seat.lend.mock.calls.map(([given]: unknown[]) => given !== null)).toEqual([true, false]);
  });

  it('tells what changed, and nothing else', async () => {
    await say(hello);
    session.tick();
    expect(socket.sent).toHaveLength(1);
    holdMs = 90;
    session.tick();
    session.tick();
    expect(socket.sent.slice(1)).toMatchObject([{ type: 'streams', streams: [{ holdMs: 90 }, {}] }]);
    await say(offer, { type: 'mode', mode: 'fastest' });
    expect(media.setWaits).toHaveBeenCalledWith(7, false);
    expect(socket.sent.at(-1)).toMatchObject({ type: 'streams', streams: [{ holdMs: 0 }, {}] });
  });

  it('answers pings with its clock', async () => {
    now = 5;
    await say({ type: 'ping', sentAtMs: 3.5 });
    expect(socket.sent).toEqual([{ type: 'pong', sentAtMs: 3.5, serverEpochMs: 1005 }]);
  });

  it.each([
    ['no JSON', ['{"type":'], 'signalling-malformed'],
    ['an unknown type', [{ type: 'dance' }], 'signalling-malformed'],
    ['fields of another type', [hello, { type: 'watch', streams: 'north' }], 'signalling-malformed'],
    ['an offer before hello', [offer], 'signalling-order'],
    ['hello twice', [hello, hello], 'signalling-order'],
    ['watch before an offer', [hello, { type: 'watch', streams: [] }], 'signalling-order'],
    ['another version', [{ ...hello, version: 99 }], 'signalling-version'],
  ])('refuses %s with a typed error and ends', async (_, messages, code) => {
    await say(...messages);
    expect(socket.sent.at(-1)).toMatchObject({ type: 'error', code });
    expect(socket.readyState).toBe(3);
    expect(ended).toHaveLength(1);
  });

  it('refuses binary messages, and SDP that cannot be answered', async () => {
    media.answer.mockRejectedValue(new LanecastError('offer-refused', 'The offer could not be answered: garbage'));
    await say(hello, { ...offer, sdp: 'garbage' });
    expect(socket.sent.at(-1)).toMatchObject({ type: 'error', code: 'offer-refused' });
    expect(media.leave).toHaveBeenCalledWith(7);
  });

  it('ends a flood', async () => {
    for (let i = 0; i < 300; i++) socket.emit('message', Buffer.from('{"type":"ping","sentAtMs":1}'), false);
    await settle();
    expect(ended).toEqual(['signalling-flood']);
  });

  it('ends a page that fell silent, and leaves the media when the page is closed', async () => {
    await say(hello, offer);
    now = 31_000;
    session.tick();
    expect(ended).toEqual(['the page fell silent']);
    socket.emit('close');
    expect(media.leave).toHaveBeenCalledTimes(1);
    expect(ended).toHaveLength(1);
  });

  it('ends one whose connection for media never comes about, and not when it did', async () => {
    await say(hello, offer);
    now = 15_000;
    session.tick();
    expect(ended).toEqual([]);
    now = 15_001;
    session.tick();
    expect(ended).toEqual([expect.stringContaining('did not come about')]);
    expect(media.leave).toHaveBeenCalledExactlyOnceWith(7);
  });

  it('lets a page be that is connected, or that watches no video by WebRTC', async () => {
    await say(hello);
    now = 20_000;
    session.tick();
    await say(offer);
    now = 21_000;
    events!.onConnected();
    now = 45_000;
    await say({ type: 'ping', sentAtMs: 1 });
    session.tick();
    expect(ended).toEqual([]);
  });

  it('survives whatever text comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        await say(text);
        for (const message of socket.sent) expect(['error', 'pong', 'welcome']).toContain(message.type);
      }),
    );
  });
});
