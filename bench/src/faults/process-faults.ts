/** The process and what is below it: the disk, signals. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openViewer } from '../memory/viewers.js';
import { causeFault } from './cause-fault.js';
import { expectThat, type Fault } from './fault.js';
import { type Rig, sleep, STREAMS } from './rig.js';

const MAX_CLOSE_MS = 5000;

async function calibrate(rig: Rig, scaleMPerPx: number): Promise<number> {
  const response = await fetch(`${rig.url}/api/streams/${STREAMS[0]}/calibration`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ scaleMPerPx }),
  });
  await response.text();
  return response.status;
}

async function scaleOf(rig: Rig): Promise<unknown> {
  const response = await fetch(`${rig.url}/api/streams/${STREAMS[0]}/calibration`);
  return ((await response.json()) as { scaleMPerPx?: number }).scaleMPerPx;
}

/** Leaves no byte of the small disk; the file that does it. */
function fillDisk(rig: Rig): string {
  const filler = join(rig.smallDisk!, 'filler');
  for (let at = 0; ; at++) {
    try {
      writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
    } catch {
      return filler;
    }
    expectThat(at < 1000, 'the disk is not small');
  }
}

/** Adds a camera by the API; the answer's status and code. */
async function addCamera(rig: Rig, id: string): Promise<{ status: number; code?: string }> {
  const response = await fetch(`${rig.url}/api/streams`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ id, url: `${rig.cameras.base}/spare-small` }),
  });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, ...(code !== undefined && { code }) };
}

async function removeCamera(rig: Rig, id: string): Promise<void> {
  const response = await fetch(`${rig.url}/api/streams/${id}`, { method: 'DELETE' });
  await response.text();
  expectThat(response.ok, `removing ${id} was answered ${response.status}`);
}

const ids = async (rig: Rig): Promise<string> => (await rig.streams()).map(({ id }) => id).join(' ');

const CHURNS = 200;
/** The first ones fill heaps and pools. */
const WARM_UP_CHURNS = 40;
/** Several times what 200 cameras left behind when nothing was wrong; each of their stages takes more. */
const MAX_CHURN_GROWTH_MIB = 60;

/** Resident memory after every thread has collected its garbage, in MiB. */
async function restingMib(rig: Rig): Promise<number> {
  for (let i = 0; i < 2; i++) {
    await causeFault(rig.url, { fault: 'collect-garbage' });
    await sleep(1000);
  }
  return (await rig.stats()).process.rssBytes / 2 ** 20;
}

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'SIGHUP: cameras come and go by the file, and a bad file',
    victims: ['extra'],
    mayGoUnnoticed: true,
    short: true,
    happen: async (rig) => {
      const hangUp = async (until: () => Promise<boolean>, what: string): Promise<void> => {
        process.kill(rig.server.pid, 'SIGHUP');
        await rig.until(until, what);
      };
      const extra = { id: 'extra', url: `${rig.cameras.base}/spare-small` };
      rig.configure([...rig.homes, extra]);
      rig.recoveryBegins();
      await hangUp(async () => (await rig.stream('extra'))?.state === 'live', 'the further camera is live');
      const saidBy = /configuration \((SIGHUP|[^)]*)\): [^"]*extra/.exec(rig.server.output)?.[1];
      expectThat(saidBy === 'SIGHUP', `it was not the signal but ${saidBy} that made it read the file`);
      writeFileSync(rig.configFile, '{"streams": [{"id": "a camera", "url": 7}]}');
      await hangUp(
        async () => (await rig.stats()).notices.some((notice) => /configuration file is not used/.test(notice)),
        'a word on the bad file',
      );
      expectThat((await ids(rig)) === [...STREAMS, 'extra'].join(' '), 'a bad file changed the cameras');
      rig.configure(rig.homes);
      await hangUp(async () => (await ids(rig)) === STREAMS.join(' '), 'the further camera is gone');
    },
    recover: async (rig) => {
      await rig.until(
        async () => (await rig.stats()).notices.every((notice) => !/configuration file is not used/.test(notice)),
        'no complaint any more',
      );
    },
  },
  {
    name: 'the disk is full when a camera is added',
    victims: ['extra'],
    mayGoUnnoticed: true,
    skip: ({ smallDisk }) => (smallDisk ? null : 'a small disk cannot be mounted here'),
    happen: async (rig) => {
      const before = readFileSync(rig.configFile, 'utf8');
      const filler = fillDisk(rig);
      const { status, code } = await addCamera(rig, 'extra');
      expectThat(status >= 500, `a camera that cannot be saved was answered ${status}`);
      rig.note(`answered ${status} ${code}`);
      expectThat((await ids(rig)) === STREAMS.join(' '), 'the camera came although it was not saved');
      expectThat(readFileSync(rig.configFile, 'utf8') === before, 'the configuration file is not what it was');
      expectThat(
        readdirSync(rig.smallDisk!).every((name) => !/lanecast\.json./.test(name)),
        'half a file was left behind',
      );
      rmSync(filler);
    },
    recover: async (rig) => {
      expectThat((await addCamera(rig, 'extra')).status === 201, 'it was refused when the disk had room again');
      expectThat(readFileSync(rig.configFile, 'utf8').includes('extra'), 'it was not written down');
      await removeCamera(rig, 'extra');
    },
  },
  {
    name: `${CHURNS} times a camera comes by the API, is live, and goes`,
    victims: ['extra'],
    mayGoUnnoticed: true,
    happen: async (rig) => {
      let restedMib = 0;
      for (let i = 0; i < WARM_UP_CHURNS + CHURNS; i++) {
        if (i === WARM_UP_CHURNS) restedMib = await restingMib(rig);
        expectThat((await addCamera(rig, 'extra')).status === 201, 'a camera was refused');
        await rig.until(async () => (await rig.stream('extra')).counters.decoded > 0, 'its first picture');
        await removeCamera(rig, 'extra');
      }
      const grownMib = (await restingMib(rig)) - restedMib;
      rig.note(`resident memory ${restedMib.toFixed(0)} MiB, ${grownMib.toFixed(1)} MiB more after ${CHURNS} cameras`);
      expectThat(grownMib < MAX_CHURN_GROWTH_MIB, `it grew by ${grownMib.toFixed(1)} MiB`);
    },
    recover: (rig) => rig.untilAllPictures(),
  },
  {
    name: 'the disk is full when a calibration is saved',
    victims: [],
    short: true,
    skip: ({ smallDisk }) => (smallDisk ? null : 'a small disk cannot be mounted here'),
    happen: async (rig) => {
      expectThat((await calibrate(rig, 0.04)) === 200, 'a calibration was refused before the disk was full');
      const filler = fillDisk(rig);
      const status = await calibrate(rig, 0.07);
      expectThat(status >= 500, `a calibration that cannot be saved was answered ${status}`);
      expectThat((await scaleOf(rig)) === 0.04, 'the calibration changed although it was not saved');
      rmSync(filler);
    },
    recover: async (rig) => {
      expectThat((await calibrate(rig, 0.07)) === 200, 'a calibration was refused when the disk had room again');
      expectThat((await scaleOf(rig)) === 0.07, 'the calibration did not change');
    },
  },
  {
    name: 'SIGTERM under load',
    victims: STREAMS,
    short: true,
    endsServer: true,
    happen: async (rig) => {
      const viewers = await Promise.all(
        (['mjpeg-grid', 'events', 'whep', 'dashboard', 'mjpeg-stream', 'whep'] as const).map((kind) =>
          openViewer(kind, rig.url, STREAMS[1]),
        ),
      );
      await sleep(2000);
      const { code, tookMs } = await rig.server.endBy('SIGTERM', 10_000);
      await Promise.all(viewers.map((viewer) => viewer.leave(true)));
      expectThat(code === 0, `it ended with code ${code}`);
      expectThat(tookMs <= MAX_CLOSE_MS, `it took ${tookMs.toFixed(0)} ms to end`);
      rig.recoveryBegins();
      await rig.restartServer();
    },
    recover: (rig) => rig.untilAllPictures(),
  },
  {
    name: 'SIGKILL and restart',
    victims: STREAMS,
    endsServer: true,
    happen: async (rig) => {
      await rig.server.endBy('SIGKILL', 5000);
      rig.recoveryBegins();
      await rig.restartServer();
    },
    recover: async (rig) => {
      await rig.untilAllPictures();
      if (rig.smallDisk) expectThat((await scaleOf(rig)) === 0.07, 'the calibration was lost');
    },
  },
];
