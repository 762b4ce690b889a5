/** Inference that fails, and a GPU that is lost. */
import { openViewer, type Viewer } from '../memory/viewers.js';
import { causeFault } from './cause-fault.js';
import { detections, untilDetected } from './detections.js';
import { expectThat, type Fault } from './fault.js';
import { type Rig, sleep, STREAMS } from './rig.js';

const MAX_CLOSE_MS = 5000;
/** A viewer's video may pause for so long: not for a fault, but because the machine is busy. */
const MAX_PAUSE_MS = 1000;

const skip = ({ noGpuReason }: Rig): string | null => noGpuReason;

/** A viewer by WHEP, and the longest time in which nothing came for it. */
class WatchedViewer {
  readonly #viewer: Viewer;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  #changedAtMs = performance.now();
  #longestPauseMs = 0;

  static async open(rig: Rig): Promise<WatchedViewer> {
    const viewer = await openViewer('whep', rig.url, STREAMS[2]);
    await rig.until(() => Promise.resolve(viewer.bytes > 5000), 'a viewer that sees something');
    return new WatchedViewer(viewer);
  }

  private constructor(viewer: Viewer) {
    this.#viewer = viewer;
    this.#timer = setInterval(() => this.#look(), 20);
  }

  /** Leaves; the longest pause. */
  async leave(): Promise<number> {
    clearInterval(this.#timer);
    this.#look();
    await this.#viewer.leave(false);
    return this.#longestPauseMs;
  }

  #look(): void {
    const nowMs = performance.now();
    if (this.#viewer.bytes !== this.#bytes) this.#changedAtMs = nowMs;
    this.#bytes = this.#viewer.bytes;
    this.#longestPauseMs = Math.max(this.#longestPauseMs, nowMs - this.#changedAtMs);
  }
}

let viewer: WatchedViewer | null = null;

/** CUDA breaks for the whole process; until detection is on the CPU. The time to recover counts from the error. */
async function loseGpu(rig: Rig): Promise<void> {
  viewer = await WatchedViewer.open(rig);
  await causeFault(rig.url, { fault: 'cuda-error' });
  rig.recoveryBegins();
  await rig.until(async () => (await rig.stats()).detector?.executionProvider === 'cpu', 'detection on the CPU');
}

async function untilDetectedOnCpu(rig: Rig): Promise<void> {
  await untilDetected(rig);
  const pauseMs = await viewer!.leave();
  expectThat(pauseMs <= MAX_PAUSE_MS, `a viewer got nothing for ${pauseMs.toFixed(0)} ms`);
  const { detectorFaults, notices } = await rig.stats();
  expectThat(detectorFaults?.gpuLosses === 1, `the GPU was given up ${detectorFaults?.gpuLosses} times`);
  expectThat(
    notices.some((notice) => /^detecting on the CPU: the GPU is lost/.test(notice)),
    'no notice says that the GPU is lost',
  );
}

/** The GPU is gone, and still the end is an orderly one. */
async function endsWell(rig: Rig): Promise<void> {
  const { code, tookMs } = await rig.server.endBy('SIGTERM', 10_000);
  expectThat(code === 0, `told to end, it ended with code ${code}`);
  expectThat(tookMs <= MAX_CLOSE_MS, `it took ${tookMs.toFixed(0)} ms to end`);
}

let restartsBefore = 0;

export const DETECTION_FAULTS: readonly Fault[] = [
  {
    name: 'three inferences fail (out of memory)',
    victims: [],
    short: true,
    happen: async (rig) => {
      const { detectorFaults, restarts } = await rig.stats();
      await causeFault(rig.url, { fault: 'inference-error', times: 3, message: 'CUDA failure 2: out of memory' });
      rig.recoveryBegins();
      const wanted = detectorFaults!.framesLost + 3;
      await rig.until(async () => (await rig.stats()).detectorFaults!.framesLost >= wanted, 'three are counted');
      expectThat((await rig.stats()).restarts!.detector === restarts!.detector, 'the detector was replaced');
    },
    recover: async (rig) => {
      const before = await detections(rig);
      await rig.until(async () => (await detections(rig)) > before, 'detections');
    },
  },
  {
    name: 'inference fails ten times in a row',
    victims: [],
    happen: async (rig) => {
      restartsBefore = (await rig.stats()).restarts!.detector;
      await causeFault(rig.url, { fault: 'inference-error', times: 10, message: 'CUDA failure 2: out of memory' });
      rig.recoveryBegins();
      await rig.until(async () => (await rig.stats()).restarts!.detector > restartsBefore, 'the detector gives up');
    },
    recover: async (rig) => {
      await untilDetected(rig);
      const { detector, detectorFaults } = await rig.stats();
      const wanted = rig.noGpuReason === null ? 'cuda' : 'cpu';
      expectThat(detector!.executionProvider === wanted, `detection is on ${detector!.executionProvider}`);
      expectThat(detectorFaults!.gpuLosses === 0, 'the GPU was given up');
    },
  },
  {
    name: 'CUDA error (illegal address), decoding in software',
    victims: [],
    spoilsServer: true,
    skip,
    prepare: async (rig) => {
      await rig.restartServer(['--decode', 'software']);
      await rig.untilAllPictures();
    },
    happen: loseGpu,
    recover: untilDetectedOnCpu,
    afterwards: endsWell,
  },
  {
    // NVDEC's pictures are in the same context: the streams go on in software.
    name: 'CUDA error (illegal address), decoding as it comes',
    victims: STREAMS,
    mayGoUnnoticed: true,
    spoilsServer: true,
    skip,
    prepare: async (rig) => {
      await rig.restartServer();
      await rig.untilAllPictures();
    },
    happen: loseGpu,
    recover: async (rig) => {
      await rig.untilAllPictures();
      await untilDetectedOnCpu(rig);
      const streams = await rig.streams();
      expectThat(
        streams.every(({ counters }) => counters.connects === 1 && counters.packetsLost === 0),
        'a camera was connected anew, or packets were lost',
      );
    },
    afterwards: endsWell,
  },
  {
    name: 'CUDA error, and the process is to restart (onGpuLoss)',
    victims: STREAMS,
    endsServer: true,
    spoilsServer: true,
    skip,
    prepare: async (rig) => {
      await rig.restartServer(['--set', 'detector.onGpuLoss=restart']);
      await rig.untilAllPictures();
    },
    happen: async (rig) => {
      await causeFault(rig.url, { fault: 'cuda-error' });
      rig.recoveryBegins();
      const code = await rig.server.end(MAX_CLOSE_MS + 5000);
      expectThat(code === 1, `it ended with code ${code}`);
      // As systemd would.
      await sleep(100);
      await rig.restartServer();
    },
    recover: async (rig) => {
      await rig.untilAllPictures();
      await untilDetected(rig);
      expectThat((await rig.stats()).detector?.executionProvider === 'cuda', 'the new process has no GPU');
    },
  },
];
