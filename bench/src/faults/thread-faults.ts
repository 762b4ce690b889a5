/** Threads of the server that die. */
import { openViewer, type Viewer } from '../memory/viewers.js';
import { causeFault } from './cause-fault.js';
import { detections, untilDetected } from './detections.js';
import { expectThat, type Fault } from './fault.js';
import { type Rig, STREAMS } from './rig.js';

/** Kills the detector and waits until it is missed; the recovery counts from then. */
async function killDetector(rig: Rig, fault: 'crash' | 'out-of-memory'): Promise<void> {
  await causeFault(rig.url, { fault, thread: 'detector' });
  await rig.until(
    async () => (await rig.stats()).notices.some((notice) => /detector stopped/.test(notice)),
    'the detector dies',
  );
  rig.recoveryBegins();
}

let viewer: Viewer | null = null;

/** Until a viewer gets something. */
async function untilSeen(rig: Rig, kind: 'whep' | 'mjpeg-grid'): Promise<void> {
  await rig.until(async () => {
    const again = await openViewer(kind, rig.url, STREAMS[2]).catch(() => null);
    if (!again) return false;
    try {
      await rig.until(() => Promise.resolve(again.bytes > 5000), 'something to see', 5000);
      return true;
    } catch {
      return false;
    } finally {
      await again.leave(false);
    }
  }, 'a viewer that sees something');
}

/** Nothing that the server tells is by the wall clock, where that jumps: ages, rates, up-time, health. */
async function expectSaneTimes(rig: Rig, uptimeBeforeS: number, forMs: number): Promise<void> {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    for (const { id, lastFrameAgeMs, rates } of await rig.streams()) {
      expectThat(
        lastFrameAgeMs !== null && lastFrameAgeMs >= 0 && lastFrameAgeMs < 2000,
        `the last picture of ${id} is said to be ${lastFrameAgeMs} ms old`,
      );
      expectThat(rates.decodedFps > 2 && rates.decodedFps < 30, `${id} is said to have ${rates.decodedFps} fps`);
    }
    const { uptimeS, stages } = await rig.stats();
    expectThat(uptimeS >= uptimeBeforeS && uptimeS < uptimeBeforeS + 60, `it is said to be up for ${uptimeS} s`);
    expectThat(stages.endToEnd.maxMs < 60_000 && stages.endToEnd.minMs >= 0, 'a stage is said to have taken a day');
    for (const probe of ['healthz', 'readyz']) {
      const { status } = await fetch(`${rig.url}/${probe}`);
      expectThat(status === 200, `/${probe} answers ${status}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export const THREAD_FAULTS: readonly Fault[] = [
  {
    name: 'detector thread crashes',
    victims: [],
    short: true,
    happen: (rig) => killDetector(rig, 'crash'),
    recover: untilDetected,
  },
  {
    name: 'detector thread out of memory',
    victims: [],
    happen: (rig) => killDetector(rig, 'out-of-memory'),
    recover: untilDetected,
  },
  {
    name: 'ingest thread crashes under a viewer',
    victims: ['stream0', 'stream1'],
    short: true,
    happen: async (rig) => {
      viewer = await openViewer('whep', rig.url, STREAMS[0]);
      await rig.until(() => Promise.resolve(viewer!.bytes > 5000), 'a viewer that sees something');
      await causeFault(rig.url, { fault: 'crash', thread: 'ingest', stream: 'stream0' });
      rig.recoveryBegins();
      await rig.until(async () => (await rig.stream('stream0')).state !== 'live', 'the thread dies');
    },
    recover: async (rig) => {
      await Promise.all([rig.untilPictures('stream0'), rig.untilPictures('stream1')]);
      // The same viewer: its connection has outlived the thread.
      const before = viewer!.bytes;
      await rig.until(() => Promise.resolve(viewer!.bytes > before + 5000), 'further video for the viewer');
      await viewer!.leave(false);
    },
  },
  {
    name: 'media thread crashes under a viewer',
    victims: [],
    happen: async (rig) => {
      viewer = await openViewer('whep', rig.url, STREAMS[2]);
      await rig.until(() => Promise.resolve(viewer!.bytes > 5000), 'a viewer that sees something');
      await causeFault(rig.url, { fault: 'crash', thread: 'media' });
      rig.recoveryBegins();
      await rig.until(async () => (await rig.stats()).outputs.webrtc.peers === 0, 'the viewer is let go');
      await viewer.leave(true);
    },
    recover: (rig) => untilSeen(rig, 'whep'),
  },
  {
    name: 'compositor thread crashes under a viewer',
    victims: [],
    happen: async (rig) => {
      viewer = await openViewer('mjpeg-grid', rig.url, STREAMS[2]);
      await rig.until(() => Promise.resolve(viewer!.bytes > 5000), 'a viewer that sees something');
      const { compositorRestarts } = (await rig.stats()).outputs.mjpeg;
      await causeFault(rig.url, { fault: 'crash', thread: 'compositor' });
      rig.recoveryBegins();
      await rig.until(
        async () => (await rig.stats()).outputs.mjpeg.compositorRestarts > compositorRestarts,
        'the thread is replaced',
      );
    },
    recover: async (rig) => {
      // The same viewer: its connection has outlived the thread.
      const before = viewer!.bytes;
      await rig.until(() => Promise.resolve(viewer!.bytes > before), 'further pictures for the viewer');
      await viewer!.leave(false);
    },
  },
  {
    name: 'the wall clock jumps by a day, and back',
    victims: [],
    short: true,
    happen: async (rig) => {
      const before = await rig.streams();
      const { uptimeS } = await rig.stats();
      viewer = await openViewer('whep', rig.url, STREAMS[2]);
      for (const jumpMs of [86_400_000, -86_400_000]) {
        await causeFault(rig.url, { fault: 'clock-jump', jumpMs });
        await expectSaneTimes(rig, uptimeS, 3000);
      }
      const { bytes } = viewer;
      await rig.until(() => Promise.resolve(viewer!.bytes > bytes), 'video for the viewer of before the jump');
      await viewer.leave(false);
      const after = await rig.streams();
      expectThat(
        after.every(({ epoch }, i) => epoch === before[i]!.epoch),
        'an epoch began',
      );
    },
    recover: async (rig) => {
      const before = await detections(rig);
      await rig.until(async () => (await detections(rig)) > before, 'detections');
    },
  },
];
