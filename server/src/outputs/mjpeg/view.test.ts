import { describe, expect, it } from 'vitest';

import { FrameSlots } from '../../core/frame-slots.js';
import type { Pipeline, Tile } from '../../pipeline/api.js';
import { ManualClock } from '../../core/testing.js';
import { gridLayout } from './layout.js';
import type { ToCompositor } from './protocol.js';
import { LINGER_MS, View } from './view.js';

function setUp() {
  const clock = new ManualClock();
  const posted: ToCompositor[] = [];
  const open = new Set<Tile>();
  const sizes = [
    { width: 1280, height: 720 },
    { width: 0, height: 0 },
  ];
  const openTile = (_id: string, width: number, height: number): Tile => {
    const slots = FrameSlots.allocate({ slotCount: 2, pictureBytes: (width * height * 3) / 2, metaBytes: 64 });
    const tile: Tile = { slots, width, height, close: () => open.delete(tile) };
    open.add(tile);
    return tile;
  };
  const plan = () => {
    const { tiles, spare } = gridLayout(sizes, 1280, 720);
    return { width: 1280, height: 720, spare, tiles: tiles.map((tile, i) => ({ ...tile, streamId: `s${i}` })) };
  };
  const view = new View(
    'grid',
    { openTile } as Pick<Pipeline, 'openTile'> as Pipeline,
    plan,
    (m) => posted.push(m),
    clock,
  );
  const tileIds = (): number[] => {
    const last = posted.findLast((message) => message.type === 'view');
    return last?.type === 'view' ? last.view.tiles.map(({ tileId }) => tileId) : [];
  };
  return { clock, posted, open, sizes, view, tileIds };
}

const jpeg = (name: string, missing = 0) => ({ jpeg: new Uint8Array(Buffer.from(name)).buffer, missing, composeMs: 1 });

describe('View', () => {
  it('is open from the first client until a while after the last', () => {
    const { clock, posted, open, view } = setUp();
    const leave = [view.watch({ onJpeg: () => undefined }), view.watch({ onJpeg: () => undefined })];
    expect(open.size).toBe(2);
    for (const each of leave) each();
    clock.advance(LINGER_MS - 1);
    expect(open.size).toBe(2);
    const leaveAgain = view.watch({ onJpeg: () => undefined });
    clock.advance(LINGER_MS);
    expect(open.size).toBe(2);
    leaveAgain();
    leaveAgain();
    clock.advance(LINGER_MS);
    expect(open.size).toBe(0);
    expect(posted.map(({ type }) => type)).toEqual(['view', 'close-view']);
  });

  it('gives a new client the newest JPEG at once, and none from an earlier opening', () => {
    const { clock, view } = setUp();
    const seen: string[] = [];
    const watch = () => view.watch({ onJpeg: (picture) => seen.push(picture.toString()) });
    const leave = watch();
    view.deliver(jpeg('one'));
    watch()();
    expect(seen).toEqual(['one', 'one']);
    leave();
    clock.advance(LINGER_MS);
    view.deliver(jpeg('late'));
    watch();
    expect(seen).toEqual(['one', 'one']);
  });

  it('opens again only the tile whose size has changed', () => {
    const { open, sizes, view, tileIds } = setUp();
    view.watch({ onJpeg: () => undefined });
    const before = tileIds();
    view.refresh();
    expect(tileIds()).toEqual(before);
    sizes[1] = { width: 640, height: 480 };
    view.refresh();
    const after = tileIds();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect(open.size).toBe(2);
  });

  it('announces its tiles to a new thread and frees what the dead one held', () => {
    const { posted, open, view } = setUp();
    view.watch({ onJpeg: () => undefined });
    const [tile] = [...open];
    const slot = tile!.slots.beginWrite()!;
    const header = { ptsUs: 0, epoch: 0, receivedAtMs: 0, decodedAtMs: 0, writtenAtMs: 0 };
    const content = { sourceWidth: 2, sourceHeight: 2, contentX: 0, contentY: 0, contentWidth: 2, contentHeight: 2 };
    tile!.slots.publish(slot, { ...header, ...content });
    expect(tile!.slots.takeNewest()).not.toBeNull();
    expect(tile!.slots.isEmpty(slot)).toBe(false);
    view.reopen();
    expect(tile!.slots.isEmpty(slot)).toBe(true);
    expect(posted.filter(({ type }) => type === 'view')).toHaveLength(2);
  });
});
