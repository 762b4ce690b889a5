/** What cameras and networks do. The victim is stream0, of the network stream1. */
import { expectThat, type Fault } from './fault.js';
import { PTS_WRAP_US, type Rig, sleep } from './rig.js';
import { ptsOf } from './track-times.js';

const VICTIM = 'stream0';
const victims = [VICTIM];
const recover = (rig: Rig): Promise<void> => rig.untilPictures(VICTIM);
let epochBefore = 0;

export const CAMERA_FAULTS: readonly Fault[] = [
  {
    name: '33-bit PTS wrap',
    victims: [],
    happen: async (rig) => {
      let before: Map<string, number>;
      do before = await ptsOf(rig.url, 1000);
      while ([...before.values()].some((ptsUs) => ptsUs < PTS_WRAP_US + 1_000_000));
    },
    recover: async (rig) => {
      const streams = await rig.streams();
      expectThat(
        streams.every(({ epoch, state }) => epoch === 1 && state === 'live'),
        'an epoch began at the wrap',
      );
    },
  },
  {
    name: 'camera killed for 4 s',
    victims,
    short: true,
    happen: async (rig) => {
      await rig.cameras.unpublish(VICTIM);
      await sleep(4000);
      await rig.revive(VICTIM);
    },
    recover,
  },
  {
    name: 'frozen for 7 s (no bytes)',
    victims,
    happen: async (rig) => {
      await rig.cameras.fault(VICTIM, { name: 'freeze' });
      await sleep(7000);
      const { state } = await rig.stream(VICTIM);
      await rig.cameras.clear(VICTIM);
      expectThat(state !== 'live', 'a frozen camera was called live');
    },
    recover,
  },
  {
    name: 'flapping every 2 s, five times',
    victims,
    happen: async (rig) => {
      for (let i = 0; i < 5; i++) {
        await rig.cameras.unpublish(VICTIM);
        await sleep(1000);
        await rig.revive(VICTIM);
        await sleep(1000);
      }
    },
    recover,
  },
  {
    // Fewer than any picture has: at 200 a second small ones came through, and rightly it was live.
    name: 'bytes drip, 20 a second, for 8 s',
    victims,
    happen: async (rig) => {
      rig.proxy.drip(20);
      await sleep(8000);
      const { state } = await rig.stream(VICTIM);
      rig.proxy.flow();
      expectThat(state !== 'live', 'a dripping camera was called live');
    },
    recover,
  },
  {
    name: 'H.265 in an H.264 session for 6 s',
    victims,
    happen: async (rig) => {
      await rig.cameras.fault(VICTIM, { name: 'splice', from: 'spare-h265' });
      await sleep(6000);
      await rig.cameras.clear(VICTIM);
      await rig.cameras.clear('spare-h265');
    },
    recover,
  },
  {
    name: 'resolution changes to 320x180 and back',
    victims,
    mayGoUnnoticed: true,
    short: true,
    happen: async (rig) => {
      await rig.cameras.fault(VICTIM, { name: 'splice', from: 'spare-small' });
      await rig.until(async () => (await rig.stream(VICTIM)).width === 320, 'pictures of 320x180', 8000);
      await rig.cameras.clear(VICTIM);
      await rig.cameras.clear('spare-small');
    },
    recover: async (rig) => {
      await rig.until(async () => (await rig.stream(VICTIM)).width === 640, 'pictures of 640x360');
      await rig.untilPictures(VICTIM);
    },
  },
  {
    name: 'timestamps jump back by 10 s, then ahead',
    victims,
    mayGoUnnoticed: true,
    happen: async (rig) => {
      const { epoch } = await rig.stream(VICTIM);
      await rig.cameras.fault(VICTIM, { name: 'shift', ticks: -900_000 });
      await sleep(4000);
      expectThat((await rig.stream(VICTIM)).epoch > epoch, 'no epoch began');
      await rig.cameras.clear(VICTIM);
    },
    recover,
  },
  {
    name: '2^32 RTP timestamp wrap',
    victims,
    mayGoUnnoticed: true,
    happen: async (rig) => {
      await rig.cameras.fault(VICTIM, { name: 'wrap', ticks: 4 * 90_000 });
      await sleep(2000);
      const { epoch } = await rig.stream(VICTIM);
      epochBefore = epoch;
      // Across the wrap.
      await sleep(4000);
    },
    recover: async (rig) => {
      expectThat((await rig.stream(VICTIM)).epoch === epochBefore, 'an epoch began at the wrap');
      await rig.untilPictures(VICTIM);
      await rig.cameras.clear(VICTIM);
    },
  },
  {
    name: 'three of ten packets corrupt for 8 s',
    victims,
    short: true,
    happen: async (rig) => {
      await rig.cameras.fault(VICTIM, { name: 'corrupt', rate: 0.3 });
      await sleep(8000);
      await rig.cameras.clear(VICTIM);
    },
    recover,
  },
  {
    name: '5 % loss and 200 ms jitter (UDP) for 10 s',
    victims: ['stream1'],
    happen: async (rig) => {
      await rig.cameras.fault('stream1', { name: 'drop', rate: 0.05 });
      await rig.cameras.fault('stream1', { name: 'jitter', jitterMs: 200 });
      await sleep(10_000);
      await rig.cameras.clear('stream1');
    },
    recover: (rig) => rig.untilPictures('stream1'),
  },
];
