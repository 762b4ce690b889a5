import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SyntheticClip } from '@lanecast/scripts/clips/synthetic-clip';
import type { TrackMessage } from '../dist/core/types.js';
import type { PacketMessage } from '../dist/ingest/messages.js';
import { countConsumed } from '../dist/ingest/packet-tap.js';
import type { LivePipeline } from '../dist/pipeline/live-pipeline.js';
import { CAR_PX, CLIP, collectTracks, Rig, stateOf, until } from './pipeline-rig.js';

let rig: Rig;
let clip: SyntheticClip;
beforeAll(async () => {
  rig = await Rig.start();
  clip = await rig.publish('road');
});
afterAll(() => rig.close());

const road = (transport: 'tcp' | 'udp' = 'tcp') => ({ id: 'road', url: rig.server.url('road'), transport });

/** Which frame of the loop shows these boxes: the one whose truth lies nearest to both cars. */
function frameOf(boxes: readonly (readonly [number, number, number, number])[]): { frame: number; errorPx: number } {
  let best = { frame: -1, errorPx: Infinity };
  clip.truth.forEach((truth, frame) => {
    const whole = truth.filter((t) => t.visible === 1);
    if (whole.length !== boxes.length) return;
    const errors = boxes.map((box) =>
      Math.min(...whole.map((t) => Math.max(...t.box.map((value, i) => Math.abs(value - box[i]!))))),
    );
    const errorPx = Math.max(...errors);
    if (errorPx < best.errorPx) best = { frame, errorPx };
  });
  return best;
}

describe.each(['tcp', 'udp'] as const)('from camera to tracks over %s', (transport) => {
  let pipeline: LivePipeline;
  /** More than one loop of the clip: the cars are whole, both at a time, in parts of it only. */
  let messages: TrackMessage[];
  beforeAll(async () => {
    pipeline = await rig.pipeline([road(transport)]);
    await until(() => stateOf(pipeline, 'road').state === 'live', 'the stream is live');
    messages = await collectTracks(pipeline, 'road', 240);
  });
  afterAll(() => pipeline.close());

  it('finds the cars where they are, with the speed that they have', () => {
    let compared = 0;
    const speeds: number[][] = [[], []];
    for (const message of messages.slice(40)) {
      expect([message.width, message.height]).toEqual([640, 360]);
      for (const track of message.tracks) {
        expect(track.class).toBe('car');
        const fast = track.box[1] > 150 ? 1 : 0;
        // A car that is half outside is found a little off: its speed is compared where it is whole.
        const inside = track.box[0] > 110 && track.box[0] + CAR_PX.widthPx < 530;
        if (track.speedKmh !== null && inside) speeds[fast]!.push(track.speedKmh);
      }
      const boxes = message.tracks.map((t) => t.box);
      if (boxes.length === 2 && boxes.every(([x, , w]) => x > 20 && x + w < 620)) {
        expect(frameOf(boxes).errorPx).toBeLessThan(6);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(5);
    // 0.05 m/px: 100 px/s is 18 km/h, 150 px/s is 27 km/h.
    const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
    expect(median(speeds[0]!)).toBeCloseTo(18, 0);
    expect(median(speeds[1]!)).toBeCloseTo(27, 0);
  });

  it('stamps each frame with its own time: frames of the clip and PTS advance together', () => {
    const seen = messages
      .filter((m) => m.tracks.length === 2 && m.tracks.every((t) => t.box[0] > 20 && t.box[0] + t.box[2] < 620))
      .map((m) => ({ ptsUs: m.ptsUs, ...frameOf(m.tracks.map((t) => t.box)) }))
      .filter((m) => m.errorPx < 6);
    expect(seen.length).toBeGreaterThan(5);
    const first = seen[0]!;
    for (const { ptsUs, frame } of seen) {
      const frames = Math.round((ptsUs - first.ptsUs) / 40_000);
      const expected = (first.frame + frames) % clip.truth.length;
      expect(Math.abs(frame - expected)).toBeLessThanOrEqual(1);
    }
    for (const message of messages) expect(message.rtpTimestamp).toBe(Math.round(message.ptsUs * 0.09) % 2 ** 32);
    const times = messages.map((m) => m.ptsUs);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('counts what it did', () => {
    const stream = stateOf(pipeline, 'road');
    expect(stream).toMatchObject({ codec: 'h264', width: 640, height: 360, transport, reason: null });
    expect(stream.counters).toMatchObject({ connects: 1, packetsLost: 0, unitsDamaged: 0, decodeErrors: 0 });
    expect(stream.counters.detected).toBeLessThanOrEqual(stream.counters.decoded + 10);
    const { stages, detector } = pipeline.stats();
    expect(detector).toMatchObject({ executionProvider: 'cpu', inputWidth: 320, inputHeight: 192, maxBatch: 1 });
    expect(stages.endToEnd.count).toBeGreaterThan(100);
    expect(stages.endToEnd.p50Ms).toBeGreaterThan(stages.infer.p50Ms);
  });
});

describe('pictures', () => {
  let pipeline: LivePipeline;
  beforeAll(async () => {
    pipeline = await rig.pipeline([road()]);
    await collectTracks(pipeline, 'road', 5);
  });
  afterAll(() => pipeline.close());

  /** Mean luma inside a box of an I420 picture. */
  const lumaOf = (data: Uint8Array, width: number, [x, y, w, h]: readonly number[], scale: number): number => {
    let sum = 0;
    let count = 0;
    for (let row = Math.ceil(y! * scale) + 2; row < (y! + h!) * scale - 2; row++) {
      for (let column = Math.ceil(x! * scale) + 2; column < (x! + w!) * scale - 2; column++, count++) {
        sum += data[row * width + column]!;
      }
    }
    return sum / count;
  };

  it('carries in each tile the very frame its tracks belong to', async () => {
    const tile = pipeline.openTile('road', 320, 180);
    try {
      let compared = 0;
      let lastPtsUs = -1;
      while (compared < 20) {
        await until(() => tile.slots.hasReady(), 'a tile was drawn');
        const taken = tile.slots.takeNewest()!;
        const message = JSON.parse(new TextDecoder().decode(taken.meta)) as {
          ptsUs: number;
          tracks: { box: number[] }[];
        };
        expect(message.ptsUs).toBe(taken.header.ptsUs);
        expect(message.ptsUs).toBeGreaterThan(lastPtsUs);
        lastPtsUs = message.ptsUs;
        // At 150 px/s a car of another frame would not fill the box: one frame moves it by 6 px of 64.
        for (const { box } of message.tracks) {
          if (box[0]! < 10 || box[0]! + box[2]! > 630) continue;
          expect(lumaOf(taken.picture, 320, box, 0.5)).toBeGreaterThan(200);
          compared++;
        }
        tile.slots.release(taken.slot);
      }
    } finally {
      tile.close();
      tile.close();
    }
  });

  it('gives the newest tracked frame at source resolution', async () => {
    const picture = await pipeline.snapshot('road');
    expect([picture.width, picture.height, picture.data.length]).toEqual([640, 360, 640 * 360 * 1.5]);
    for (const { box } of picture.message.tracks) {
      if (box[0] > 10 && box[0] + box[2] < 630) expect(lumaOf(picture.data, 640, box, 1)).toBeGreaterThan(200);
    }
  });

  it('names the streams there are when asked for another', async () => {
    await expect(pipeline.snapshot('nowhere')).rejects.toMatchObject({
      code: 'stream-unknown',
      message: /there are: road/,
    });
    expect(() => pipeline.openTile('nowhere', 64, 64)).toThrow(/there is no stream "nowhere"/);
  });

  it('hands out the packets as they came, from a keyframe on', async () => {
    const { port, progress } = pipeline.packets('road');
    const units: PacketMessage[] = [];
    port.on('message', (unit: PacketMessage) => {
      countConsumed(progress);
      units.push(unit);
    });
    await until(() => units.length >= 40, 'forty units came');
    port.close();
    expect(units[0]!.isKeyframe).toBe(true);
    for (const unit of units) {
      for (const packet of unit.packets) expect(packet[0]! >> 6).toBe(2); // RTP version
      const markers = unit.packets.map((packet) => packet[1]! >> 7);
      expect(markers.lastIndexOf(1)).toBe(unit.packets.length - 1);
    }
    const steps = units.slice(1).map((unit, i) => unit.ptsUs - units[i]!.ptsUs);
    expect(new Set(steps)).toEqual(new Set([40_000]));
  });
});

describe('streams of other kinds', () => {
  it.each([
    ['H.265', { ...CLIP, codec: 'h265' as const }, 'h265'],
    ['B-frames', { ...CLIP, bFrames: 2 }, 'h264'],
  ])('detects on %s, in order', async (name, options, codec) => {
    const path = name.replace('.', '');
    await rig.publish(path, options);
    const pipeline = await rig.pipeline([{ id: 'other', url: rig.server.url(path) }]);
    const messages = await collectTracks(pipeline, 'other', 60);
    expect(stateOf(pipeline, 'other').codec).toBe(codec);
    expect(new Set(messages.map((m) => m.epoch)).size).toBe(1);
    expect(messages.slice(30).filter((m) => m.tracks.length > 0).length).toBeGreaterThan(20);
    const { decoded, decodeErrors } = stateOf(pipeline, 'other').counters;
    expect(decoded).toBeGreaterThan(50);
    expect(decodeErrors).toBe(0);
    await pipeline.close();
    await rig.unpublish(path);
  });

  it('shows video without a detector when told to', async () => {
    const pipeline = await rig.pipeline([road()], { detector: { mode: 'none' } });
    const messages = await collectTracks(pipeline, 'road', 30);
    expect(messages.every((m) => m.tracks.length === 0)).toBe(true);
    const { detector, decode, notices } = pipeline.stats();
    expect(detector).toBeNull();
    expect(notices).toContainEqual(expect.stringContaining('detection is off'));
    const [stream] = pipeline.streams();
    expect(decode).toMatchObject({ backend: stream!.decoder, streams: { [stream!.decoder!]: 1 } });
    expect(stream!.counters.decodedOnGpu > 0).toBe(stream!.decoder === 'nvdec');
    // Without a GPU it says so.
    expect(notices.some((notice) => notice.startsWith('decoding in software'))).toBe(stream!.decoder === 'software');
    expect((await pipeline.snapshot('road')).width).toBe(640);
    await pipeline.close();
  });
});
