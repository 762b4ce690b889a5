/** The process and what is below it: the disk, signals. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openViewer } from '../memory/viewers.js';
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

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'the disk is full when a calibration is saved',
    victims: [],
    short: true,
    skip: ({ smallDisk }) => (smallDisk ? null : 'a small disk cannot be mounted here'),
    happen: async (rig) => {
      expectThat((await calibrate(rig, 0.04)) === 200, 'a calibration was refused before the disk was full');
      const filler = join(rig.smallDisk!, 'filler');
      for (let at = 0; ; at++) {
        try {
          writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
        } catch {
          break;
        }
        expectThat(at < 1000, 'the disk is not small');
      }
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
