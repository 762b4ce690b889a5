import { expect, test, vi } from 'vitest';
import type { OverlayScene } from '../renderer.js';
import { GpuTile } from './gpu-tile.js';

const scene = {} as OverlayScene;
/** A frame that counts how often it was closed. */
function frame() {
  const made = { closed: 0, video: { close: () => made.closed++ } as unknown as VideoFrame };
  return made;
}
const place = (width: number) => {
  const rect = { x: 0, y: 0, width, height: 90 };
  return { picture: rect, room: rect, density: 1 };
};

function setUp() {
  const events = { onFrame: vi.fn(), onNoFrame: vi.fn(), onMoved: vi.fn(), onClose: vi.fn(), onPainted: vi.fn() };
  return { events, tile: new GpuTile(events) };
}

test('only the newest frame waits; the older one is closed at once', () => {
  const { events, tile } = setUp();
  const [older, newer] = [frame(), frame()];
  tile.draw(scene, older);
  tile.draw(scene, newer);
  expect(older.closed).toBe(1);
  expect(tile.take()!.frame).toBe(newer);
  expect(tile.take()).toBeNull();
  expect(newer.closed).toBe(0);
  expect(events.onFrame).toHaveBeenCalledTimes(2);
});

test('closing frees the frame that waits, once, and takes no other', () => {
  const { events, tile } = setUp();
  const [waiting, late] = [frame(), frame()];
  tile.draw(scene, waiting);
  tile.close();
  tile.close();
  tile.draw(scene, late);
  expect(waiting.closed).toBe(1);
  expect(late.closed).toBe(1);
  expect(events.onClose).toHaveBeenCalledTimes(1);
  expect(tile.hasFrame).toBe(false);
});

test('a tile without extent has no place', () => {
  const { events, tile } = setUp();
  tile.resize(place(160));
  expect(tile.place).not.toBeNull();
  tile.resize(place(0));
  expect(tile.place).toBeNull();
  expect(events.onMoved).toHaveBeenCalledTimes(2);
});

test('the same place again draws nothing anew', () => {
  const { events, tile } = setUp();
  tile.resize(place(160));
  tile.resize(place(160));
  expect(events.onMoved).toHaveBeenCalledTimes(1);
  tile.resize({ ...place(160), density: 2 });
  expect(events.onMoved).toHaveBeenCalledTimes(2);
});

test('painted is told when it changes; clear takes it back', () => {
  const { events, tile } = setUp();
  tile.painted(true);
  tile.painted(true);
  tile.clear();
  tile.clear();
  expect(events.onPainted.mock.calls).toEqual([[true], [false]]);
});
