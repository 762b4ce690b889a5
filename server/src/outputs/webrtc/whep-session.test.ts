import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LanecastError } from '../../core/errors.js';
import type { ViewerEvents } from './media-host.js';
import { WhepSession } from './whep-session.js';

const OFFER =
  'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=fingerprint:sha-256 00\r\na=rtpmap:96 H264/90000\r\n';

describe('WhepSession', () => {
  let now: number;
  let carried: boolean;
  let events: ViewerEvents | null;
  let ended: string[];
  let session: WhepSession;
  const media = { open: vi.fn(), answer: vi.fn(), addCandidate: vi.fn(), watch: vi.fn(), leave: vi.fn() };

  beforeEach(() => {
    vi.resetAllMocks();
    now = 0;
    carried = true;
    events = null;
    ended = [];
    media.open.mockImplementation((_peer: unknown, _waits: boolean, given: ViewerEvents) => {
      events = given;
      return 7;
    });
    media.answer.mockResolvedValue('v=0 answer');
    session = new WhepSession('north', {
      media,
      peer: { address: '127.0.0.1', announcedAddress: null, udpPorts: null },
      openStream: () => carried,
      nowMs: () => now,
      onEnd: (_, reason) => ended.push(reason),
    });
  });

  it('opens a viewer whose video waits, for the first line of video', async () => {
    await expect(session.answer(OFFER)).resolves.toBe('v=0 answer');
    expect(media.open.mock.calls[0]![1]).toBe(true);
    expect(media.watch).toHaveBeenCalledWith(7, ['north']);
    expect(media.answer).toHaveBeenCalledWith(7, OFFER, [{ mid: null, stream: 'north' }]);
    expect(session.connected).toBe(false);
    events!.onConnected();
    expect(session.connected).toBe(true);
  });

  it('opens nothing for what is no offer', async () => {
    await expect(session.answer('garbage')).rejects.toMatchObject({ code: 'sdp-malformed' });
    expect(media.open).not.toHaveBeenCalled();
    expect(ended).toHaveLength(1);
  });

  it('leaves the media when the offer is refused there', async () => {
    media.answer.mockRejectedValue(new LanecastError('offer-refused', 'no'));
    await expect(session.answer(OFFER)).rejects.toMatchObject({ code: 'offer-refused' });
    expect(media.leave).toHaveBeenCalledExactlyOnceWith(7);
  });

  it('answers at once when it ends before its answer', async () => {
    media.answer.mockReturnValue(new Promise(() => undefined));
    const answer = session.answer(OFFER);
    events!.onEnd('the media worker died');
    await expect(answer).rejects.toMatchObject({ code: 'whep-unavailable' });
    expect(ended).toEqual(['the media worker died']);
  });

  it('hands on candidates of its own ICE session, so many and no more', async () => {
    await session.answer(OFFER);
    session.trickle('a=ice-ufrag:abcd\r\nm=video 9 X 0\r\na=mid:0\r\na=candidate:1\r\n');
    expect(media.addCandidate).toHaveBeenCalledExactlyOnceWith(7, 'candidate:1', '0');
    expect(() => session.trickle('a=ice-ufrag:else\r\n')).toThrow(/POST anew/);
    const many = 'a=candidate:1\n'.repeat(60);
    session.trickle(many);
    session.trickle(many);
    expect(() => session.trickle(many)).toThrow(/in all/);
  });

  it('ends when it does not connect in time, and not when it did', async () => {
    await session.answer(OFFER);
    now = 9_900;
    session.tick();
    expect(ended).toEqual([]);
    events!.onConnected();
    now = 60_000;
    session.tick();
    expect(ended).toEqual([]);
    carried = false;
    session.tick();
    session.close('again');
    expect(ended).toEqual(['WebRTC cannot carry the stream any more']);
    expect(media.leave).toHaveBeenCalledTimes(1);
  });

  it('makes room when nobody connects', async () => {
    await session.answer(OFFER);
    now = 10_001;
    session.tick();
    expect(ended).toEqual(['it did not connect in time']);
  });

  it('gives its place to another when it had time to connect, and not when it did', async () => {
    await session.answer(OFFER);
    now = 2_900;
    expect(session.yields()).toBe(false);
    now = 3_000;
    expect(session.yields()).toBe(true);
    expect(media.leave).toHaveBeenCalledExactlyOnceWith(7);
    expect(ended).toEqual(['it had not connected, and another viewer needed its place']);
  });

  it('keeps its place once it is connected', async () => {
    await session.answer(OFFER);
    events!.onConnected();
    now = 60_000;
    expect(session.yields()).toBe(false);
    expect(ended).toEqual([]);
  });
});
