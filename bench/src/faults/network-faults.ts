/** A camera in a network of its own, on a link that loses packets and lets them overtake one another. */
import { syntheticClip } from '@lanecast/scripts/clips/synthetic-clip';
import { Cameras } from '../cameras/cameras.js';
import { expectThat, type Fault } from './fault.js';
import { type Impairment, NetworkNamespace } from './network-namespace.js';
import { sleep, STREAMS } from './rig.js';

/** 5 % loss; 200 ms jitter: each packet takes its own time between 0 and 200 ms, so that they overtake one another. */
const BAD_NETWORK: Impairment = { loss: 0.05, minDelayMs: 0, maxDelayMs: 200 };
const BAD_FOR_MS = 10_000;

let space: NetworkNamespace | null = null;
let cameras: Cameras | null = null;
let missing: string | null | undefined;

const skip = (): string | null => (missing ??= NetworkNamespace.missingReason());

/** `least`: pictures of the hundred that must come, however bad it is. */
function row(name: string, victim: (typeof STREAMS)[number], transport: 'tcp' | 'udp', least: number): Fault {
  return {
    name,
    victims: [victim],
    // What TCP carries comes late, but it comes.
    mayGoUnnoticed: transport === 'tcp',
    skip,
    prepare: async (rig) => {
      space = await NetworkNamespace.create();
      const { path: clip } = await syntheticClip({ seed: STREAMS.indexOf(victim) + 1, fps: 10 });
      cameras = await Cameras.start([{ path: victim, clip }], { namespace: space.name, address: space.address });
      await rig.redirect(victim, `${cameras.base}/${victim}`, transport);
      await rig.untilPictures(victim);
      // The camera of before may have been live a moment ago.
      await sleep(1000);
      await rig.untilPictures(victim);
    },
    happen: async (rig) => {
      const linkBefore = await space!.counts();
      const before = (await rig.stream(victim)).counters;
      space!.impair(BAD_NETWORK);
      await sleep(BAD_FOR_MS);
      const after = (await rig.stream(victim)).counters;
      const link = await space!.counts();
      space!.clear();
      const since = (key: keyof typeof before): number => after[key] - before[key];
      const sent = link.passed + link.dropped - linkBefore.passed - linkBefore.dropped;
      const dropped = link.dropped - linkBefore.dropped;
      rig.note(
        `the link lost ${dropped} of ${sent} packets; ${since('packetsLost')} RTP packets missed, ` +
          `${since('unitsDamaged')} of ${since('accessUnits')} units damaged, ${since('decoded')} pictures in ` +
          `${BAD_FOR_MS / 1000} s, ${since('connects')} reconnects`,
      );
      expectThat(dropped > 0, 'the link lost nothing');
      expectThat(since('decoded') >= least, `only ${since('decoded')} pictures came`);
    },
    recover: (rig) => rig.untilPictures(victim),
    afterwards: async (rig) => {
      try {
        await rig.redirectHome(victim);
        await rig.untilPictures(victim);
      } finally {
        await cameras?.close();
        space?.close();
        cameras = null;
        space = null;
      }
    },
  };
}

export const NETWORK_FAULTS: readonly Fault[] = [
  row('network namespace, 5 % loss and 200 ms jitter (UDP) for 10 s', 'stream1', 'udp', 20),
  row('network namespace, 5 % loss and 200 ms jitter (TCP) for 10 s', 'stream0', 'tcp', 80),
];
