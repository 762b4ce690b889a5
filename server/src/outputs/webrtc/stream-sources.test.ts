import { beforeEach, expect, it } from 'vitest';
import type { PacketSubscription } from '../../ingest/packet-tap.js';
import { StreamSources } from './stream-sources.js';

const SUBSCRIPTION = {} as PacketSubscription;
const INFO = {
  id: 'gate',
  width: 1280,
  height: 720,
  rates: { fps: 20, decodedFps: 25, dropRate: 0, bitrateKbps: 900 },
};

let nowMs: number;
let log: string[];
let attached: boolean;
let watched: boolean;
let runs: { width: number; height: number } | null;
let sources: StreamSources;
beforeEach(() => {
  nowMs = 100_000;
  log = [];
  attached = false;
  watched = false;
  runs = null;
  sources = new StreamSources({
    pipeline: {
      packets: () => {
        log.push('packets');
        return SUBSCRIPTION;
      },
    },
    media: {
      attach: () => {
        attached = true;
        log.push('attach');
      },
      detach: () => {
        if (attached) log.push('detach');
        attached = false;
      },
      isAttached: () => attached,
      isWatched: () => watched,
    },
    transcoder: {
      start: ({ width, height, fps }) => {
        runs = { width, height };
        log.push(`start ${width}x${height}@${fps}`);
        return SUBSCRIPTION;
      },
      stop: () => {
        if (runs) log.push('stop');
        runs = null;
      },
      forget: () => log.push('forget'),
      isRunning: ({ width, height }) => runs?.width === width && runs.height === height,
    },
    clock: { nowMs: () => nowMs, after: () => () => undefined },
  });
});

it('takes the packets of a camera that WebRTC can carry, once', () => {
  expect(sources.follow(INFO, 'webrtc')).toBe(true);
  expect(sources.follow(INFO, 'webrtc')).toBe(false);
  expect(log).toEqual(['packets', 'attach']);
});

it('transcodes only while somebody watches, and a little longer', () => {
  sources.follow(INFO, 'transcoded');
  expect(log).toEqual([]);
  watched = true;
  sources.follow(INFO, 'transcoded');
  sources.follow(INFO, 'transcoded');
  expect(log).toEqual(['start 1280x720@25', 'attach']);
  watched = false;
  nowMs += 2900;
  sources.follow(INFO, 'transcoded');
  expect(runs).not.toBeNull();
  nowMs += 200;
  sources.follow(INFO, 'transcoded');
  expect(log.slice(2)).toEqual(['detach', 'stop']);
});

it('follows a camera that begins and ends to need it, and changes its size', () => {
  watched = true;
  sources.follow(INFO, 'webrtc');
  sources.follow(INFO, 'transcoded');
  sources.follow({ ...INFO, width: 640, height: 360 }, 'transcoded');
  sources.follow(INFO, 'webrtc');
  expect(log).toEqual([
    ...['packets', 'attach'],
    ...['detach', 'start 1280x720@25', 'attach'],
    ...['detach', 'stop', 'start 640x360@25', 'attach'],
    ...['detach', 'stop', 'packets', 'attach'],
  ]);
});

it('attaches again what was lost, and ends what is shown as motion JPEG', () => {
  watched = true;
  sources.follow(INFO, 'transcoded');
  attached = false; // its thread died
  sources.follow(INFO, 'transcoded');
  sources.follow(INFO, 'mjpeg');
  expect(log).toEqual(['start 1280x720@25', 'attach', 'stop', 'start 1280x720@25', 'attach', 'detach', 'stop']);
});

it('waits for the first picture, and bounds the rate that it believes', () => {
  watched = true;
  sources.follow({ ...INFO, width: 0, height: 0 }, 'transcoded');
  expect(log).toEqual([]);
  sources.follow({ ...INFO, rates: { ...INFO.rates, decodedFps: 1 } }, 'transcoded');
  expect(log).toEqual(['start 1280x720@10', 'attach']);
});
