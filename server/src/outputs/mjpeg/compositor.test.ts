import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { FrameSlots } from '../../core/frame-slots.js';
import { Canvas } from './canvas.js';
import { fromRgb } from './colour.js';
import { Compositor } from './compositor.js';
import { GlyphAtlas } from './glyphs.js';
import type { FromCompositor, ViewSpec } from './protocol.js';

const atlas = new GlyphAtlas(readFileSync(new URL('../../../assets/glyphs.bin.gz', import.meta.url)));
const CELL = { x: 0, y: 0, width: 160, height: 90 };

function setUp() {
  const clock = { ms: 1000, nowMs: () => clock.ms, epochMs: () => 1e12 + clock.ms };
  const posted: FromCompositor[] = [];
  const compositor = new Compositor(atlas, { maxFps: 12, quality: 80 }, clock, (message) => posted.push(message));
  const slots = FrameSlots.allocate({ slotCount: 2, pictureBytes: (160 * 90 * 3) / 2, metaBytes: 4096 });
  const view: ViewSpec = {
    viewId: 'grid',
    width: 160,
    height: 90,
    tiles: [{ tileId: 1, streamId: 'a', cell: CELL, picture: CELL, slots: slots.shared }],
    spare: [],
  };
  const publish = (): void => {
    const slot = slots.beginWrite()!;
    const picture = new Canvas(160, 90);
    picture.fill(0, 0, 160, 90, fromRgb(0x808080));
    slots.picture(slot).set(picture.data);
    const message = { stream: 'a', ptsUs: 1, rtpTimestamp: 0, epoch: 1, width: 160, height: 90, tracks: [] };
    slots.publish(
      slot,
      {
        ptsUs: 1,
        epoch: 1,
        receivedAtMs: clock.ms,
        decodedAtMs: clock.ms,
        writtenAtMs: clock.ms,
        sourceWidth: 160,
        sourceHeight: 90,
        contentX: 0,
        contentY: 0,
        contentWidth: 160,
        contentHeight: 90,
      },
      Buffer.from(JSON.stringify(message)),
    );
  };
  const live = { streamId: 'a', state: 'live' as const, reason: null, fps: 25, dropRate: 0, sinceEpochMs: 1e12 };
  compositor.handle({ type: 'status', streams: [live] });
  return { clock, posted, compositor, slots, view, publish, live };
}

describe('Compositor', () => {
  it('composes when there is a new picture, else once a second', () => {
    const { clock, posted, compositor, slots, view, publish } = setUp();
    expect(compositor.active).toBe(false);
    compositor.handle({ type: 'view', view });
    expect(compositor.active).toBe(true);
    const tick = (): number => {
      compositor.tick();
      compositor.handle({ type: 'ack', viewId: 'grid' });
      return posted.length;
    };
    expect(tick()).toBe(1);
    expect(posted[0]).toMatchObject({ type: 'jpeg', viewId: 'grid', missing: 1 });
    clock.ms += 80;
    expect(tick()).toBe(1);
    publish();
    expect(tick()).toBe(2);
    expect(posted[1]).toMatchObject({ missing: 0 });
    expect(slots.hasReady()).toBe(false);
    clock.ms += 999;
    expect(tick()).toBe(2);
    clock.ms += 1;
    expect(tick()).toBe(3);
    compositor.handle({ type: 'close-view', viewId: 'grid' });
    expect(compositor.active).toBe(false);
    publish();
    expect(tick()).toBe(3);
    compositor.close();
  });

  it('composes at once when a state changes', () => {
    const { posted, compositor, view, live } = setUp();
    compositor.handle({ type: 'view', view });
    compositor.tick();
    compositor.handle({ type: 'status', streams: [{ ...live, fps: 24 }] });
    compositor.tick();
    expect(posted).toHaveLength(1);
    compositor.handle({ type: 'status', streams: [{ ...live, state: 'stalled' }] });
    compositor.tick();
    expect(posted).toHaveLength(2);
    compositor.close();
  });

  it('has at most two JPEGs under way to a main thread that does not take them', () => {
    const { clock, posted, compositor, view, publish } = setUp();
    compositor.handle({ type: 'view', view });
    for (let i = 0; i < 10; i++) {
      publish();
      clock.ms += 80;
      compositor.tick();
    }
    expect(posted).toHaveLength(2);
    compositor.handle({ type: 'ack', viewId: 'grid' });
    compositor.tick();
    expect(posted).toHaveLength(3);
    compositor.close();
  });

  it('keeps the picture of a tile that stays when its view is laid out anew', () => {
    const { posted, compositor, view, publish } = setUp();
    compositor.handle({ type: 'view', view });
    publish();
    compositor.tick();
    compositor.handle({ type: 'view', view: { ...view, width: 320 } });
    compositor.tick();
    expect(posted.map((message) => message.type === 'jpeg' && message.missing)).toEqual([0, 0]);
    compositor.close();
  });

  it('answers a snapshot that cannot be drawn', () => {
    const { posted, compositor, live } = setUp();
    const message = { stream: 'a', ptsUs: 1, rtpTimestamp: 0, epoch: 1, width: 64, height: 64, tracks: [] };
    const picture = { width: 64, height: 64, data: new Uint8Array(10), message };
    compositor.handle({ type: 'snapshot', requestId: 7, picture, status: live });
    expect(posted).toEqual([
      { type: 'snapshot-failed', requestId: 7, message: expect.stringContaining('64 x 64') as string },
    ]);
    compositor.close();
  });
});
