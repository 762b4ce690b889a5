import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { parse } from 'valibot';
import { DetectorSection } from '../config/schema.js';
import { LanecastError } from '../core/errors.js';
import { FrameSlots } from '../core/frame-slots.js';
import { Pulse } from '../core/pulse.js';
import { WorkSignal } from '../core/work-signal.js';
import type { DetectorOptions } from '../detect/detector.js';
import type { DetectionResult, DetectorInfo } from '../detect/types.js';
import { DetectorHost, type HostedDetector } from './detector-host.js';
import { findDefaultModel } from './locate-model.js';

/** A detector without a thread, that dies when it is told to. */
class FakeDetector implements HostedDetector {
  readonly pulse = new Pulse();
  readonly streams = new Set<number>();
  readonly info: DetectorInfo;
  onDetections: (result: DetectionResult) => void = () => undefined;
  onRunFailed: (message: string, frames: number) => void = () => undefined;
  onExit: (error: LanecastError) => void = () => undefined;

  constructor(executionProvider: string) {
    this.info = {
      executionProvider,
      executionProviderReason: null,
      nmsBackend: 'cpu',
      nmsBackendReason: null,
    } as DetectorInfo;
  }

  addStream(index: number): void {
    this.streams.add(index);
  }

  removeStream(index: number): Promise<void> {
    this.streams.delete(index);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const lines: string[] = [];
const say = (_fields: object, line: string): void => void lines.push(line);
const log = { info: say, warn: say, debug: say };

const slots = (): FrameSlots => FrameSlots.allocate({ slotCount: 2, pictureBytes: 6, metaBytes: 0 });

/**
 * `answers`: on what the detectors run that are started, one after the other; an error: that one does not start.
 * `onStart` is called at each start.
 */
async function hostOf(settings: object, answers: (string | LanecastError)[], onStart = () => undefined as unknown) {
  const asked: Pick<DetectorOptions, 'modelPath' | 'executionProvider'>[] = [];
  const detectors: FakeDetector[] = [];
  const start = ({ modelPath, executionProvider }: DetectorOptions): Promise<HostedDetector> => {
    asked.push({ modelPath, executionProvider });
    onStart();
    const answer = answers.shift()!;
    if (answer instanceof LanecastError) return Promise.reject(answer);
    detectors.push(new FakeDetector(answer));
    return Promise.resolve(detectors.at(-1)!);
  };
  const config = parse(DetectorSection, settings);
  const host = await DetectorHost.start(config, 4, new WorkSignal(), log, start);
  host.addStream(0, slots());
  host.addStream(3, slots());
  return { host, asked, detectors };
}

/** One that is shipped, where it can be taken away. */
function modelOfItsOwn(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanecast-host-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'own.onnx');
  copyFileSync(findDefaultModel()!, path);
  return path;
}

const lost = new LanecastError('gpu-lost', 'the detector stopped: CUDA failure 700: an illegal memory access');

afterEach(() => {
  vi.useRealTimers();
  lines.length = 0;
});

it('goes on with the same streams on the CPU when the GPU is lost, and says so wherever it is asked', async () => {
  vi.useFakeTimers();
  const { host, asked, detectors } = await hostOf({}, ['cuda', 'cpu']);
  expect(host.notices).toEqual([]);
  detectors[0]!.onRunFailed('CUDA failure 700', 8);
  detectors[0]!.onExit(lost);
  expect(host.notices[0]).toMatch(/CUDA failure 700.*the GPU is given up/);
  expect(host.sign().patient).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.map(({ executionProvider }) => executionProvider)).toEqual(['auto', 'cpu']);
  expect([...detectors[1]!.streams]).toEqual([0, 3]);
  expect(host.sign().patient).toBe(false);
  expect(host.info.executionProviderReason).toMatch(/until it is started again .*CUDA failure 700/);
  expect(host.notices).toEqual([
    expect.stringMatching(/^detecting on the CPU: the GPU is lost to this process/),
    '8 frames were lost to failed inferences, the last: CUDA failure 700',
  ]);
  expect(host.faults).toEqual({ framesLost: 8, gpuLosses: 1 });
  expect(lines.at(-1)).toBe('the detector runs again');
  // Lost frames are no news for ever.
  await vi.advanceTimersByTimeAsync(600_000);
  expect(host.notices).toEqual([expect.stringMatching(/^detecting on the CPU/)]);
  expect(host.faults.framesLost).toBe(8);
  await host.close();
});

it('insists on the GPU for the session that may mend it, and takes the CPU when that does not start', async () => {
  vi.useFakeTimers();
  const { host, asked, detectors } = await hostOf({ executionProvider: 'auto' }, [
    'cuda',
    new LanecastError('cuda-unavailable', 'out of memory'),
    'cpu',
  ]);
  detectors[0]!.onExit(new LanecastError('detector-broken', '10 inferences in a row failed'));
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.map(({ executionProvider }) => executionProvider)).toEqual(['auto', 'cuda', 'cpu']);
  expect(host.info.executionProvider).toBe('cpu');
  expect(host.deaths).toBe(1);
  await host.close();
});

it('leaves the process to its service manager, if that is wished', async () => {
  const { host, asked, detectors } = await hostOf({ onGpuLoss: 'restart' }, ['cuda']);
  detectors[0]!.onExit(lost);
  // Also when nobody listened yet.
  const heard: string[] = [];
  host.onUnfit = ({ code }) => heard.push(code);
  expect(heard).toEqual(['gpu-lost']);
  expect(asked).toHaveLength(1);
  await host.close();
});

it('says a failure once a minute, however many there are', async () => {
  const { host, detectors } = await hostOf({}, ['cpu']);
  for (let i = 0; i < 20; i++) detectors[0]!.onRunFailed('CUDA failure 2: out of memory', 2);
  expect(lines.filter((line) => /an inference failed/.test(line))).toHaveLength(1);
  expect(host.faults.framesLost).toBe(40);
  await host.close();
});

it.each([
  ['cpu', 1],
  ['restart', 0],
])(
  'starts also where the model for the CPU cannot be made, and looks for it only if it may be needed: %s',
  async (onGpuLoss, warnings) => {
    const model = modelOfItsOwn();
    const { host, asked } = await hostOf({ model, onGpuLoss }, ['cuda'], () => rmSync(model, { force: true }));
    expect(asked).toHaveLength(1);
    expect(lines.filter((line) => line.includes('a lost GPU would be replaced'))).toHaveLength(warnings);
    await host.close();
  },
);
