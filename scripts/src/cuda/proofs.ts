/** The real thing: pictures through NVDEC, a model through CUDA, boxes through the native NMS. */
import { messageOf } from '@lanecast/server/core/errors';
import { Detector } from '@lanecast/server/detect/detector';
import { type NvdecDevice, openNvdecDevice } from '@lanecast/server/ingest/decode/nvdec-device';
import { probeNvdec } from '@lanecast/server/ingest/decode/nvdec-probe';
import { findDefaultModel } from '@lanecast/server/pipeline/locate-model';
import type { Finding } from '../doctor/check.js';

const CONTAINER_HINT =
  'libnvcuvid.so.1 comes with the driver (Debian: libnvcuvid1); in a container NVIDIA_DRIVER_CAPABILITIES must name video';

/** Decodes, scales and reads back a keyframe on the GPU. The device is the caller's to close. */
export function proveNvdec(): { finding: Finding; device: NvdecDevice | null } {
  const subject = 'NVDEC';
  let device: NvdecDevice | null = null;
  try {
    device = openNvdecDevice();
    const problem = probeNvdec(device);
    if (problem !== null) return { finding: { subject, verdict: 'fail', text: problem, fix: CONTAINER_HINT }, device };
    const text = `a keyframe was decoded, scaled and read back${device.isShared ? '' : ' (in a context of its own)'}`;
    return { finding: { subject, verdict: 'ok', text }, device };
  } catch (error) {
    device?.close();
    return { finding: { subject, verdict: 'fail', text: messageOf(error), fix: CONTAINER_HINT }, device: null };
  }
}

/** Starts the server's own detector on CUDA: it runs real batches to find the one that pays. */
export async function proveInference(modelPath: string | null = findDefaultModel()): Promise<Finding> {
  const subject = 'inference';
  if (modelPath === null)
    return { subject, verdict: 'fail', text: 'no model is installed', fix: 'npm run models:fetch' };
  try {
    const detector = await Detector.start({
      modelPath,
      executionProvider: 'cuda',
      scoreThreshold: 0.1,
      iouThreshold: 0.45,
      streamCount: 32,
    });
    const { model, inputWidth, inputHeight, precision, maxBatch } = detector.info;
    await detector.close();
    const text = `${model} ${inputWidth}x${inputHeight} ${precision} ran on CUDA; the batch that pays: ${maxBatch}`;
    return { subject, verdict: 'ok', text };
  } catch (error) {
    return { subject, verdict: 'fail', text: messageOf(error), fix: 'mend the lines above first' };
  }
}

/** What this needs of the native addon. */
interface NativeNms {
  nmsTimed: (
    boxes: Float32Array,
    scores: Float32Array,
    options: { iouThreshold: number; backend: 'cuda' },
  ) => { kept: ArrayLike<number>; backend: string };
}

const NATIVE_PACKAGE = '@lanecast/native';

/** Suppresses on the GPU: the first and third of four boxes stay, by falling score. */
export async function proveNms(load: () => Promise<unknown> = () => import(NATIVE_PACKAGE)): Promise<Finding> {
  const subject = 'NMS';
  const fix =
    'install nvcc (Debian: apt install nvidia-cuda-toolkit) and a C++ compiler, then npm rebuild @lanecast/native';
  try {
    const { nmsTimed } = (await load()) as NativeNms;
    const boxes = Float32Array.of(0, 0, 10, 10, 1, 0, 11, 10, 50, 50, 60, 60, 50, 51, 60, 61);
    const scores = Float32Array.of(0.5, 0.4, 0.9, 0.8);
    const { kept: indices, backend } = nmsTimed(boxes, scores, { iouThreshold: 0.45, backend: 'cuda' });
    if (backend !== 'cuda')
      return {
        subject,
        verdict: 'fail',
        text: `CUDA failed and ${backend} did it instead`,
        fix: 'see the warning above',
      };
    const kept = Array.from(indices);
    if (kept.join() === '2,0')
      return { subject, verdict: 'ok', text: 'four boxes were suppressed on the GPU, rightly' };
    return { subject, verdict: 'fail', text: `the GPU kept boxes ${kept.join()} instead of 2,0`, fix };
  } catch (error) {
    return { subject, verdict: 'fail', text: `on the GPU it does not run: ${firstLine(messageOf(error))}`, fix };
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
