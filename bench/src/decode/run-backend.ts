import { DEFAULT_PICTURE_PIXELS } from '@lanecast/server/core/picture-limits';
import { LatencyWindow } from '@lanecast/server/core/latency-window';
import { VideoDecoder } from '@lanecast/server/ingest/decode/decoder';
import { PictureScalers } from '@lanecast/server/ingest/decode/gpu-scaler';
import type { NvdecDevice } from '@lanecast/server/ingest/decode/nvdec-device';
import { nv12ContentPlanes } from '@lanecast/server/ingest/decode/scaler';
import type { StageSummary } from '@lanecast/server/pipeline/api';
import type { ClipUnit } from '../clips/clip-units.js';

/** One backend over one clip, as an ingest worker does it, one unit after the other. */
export interface BackendResult {
  backend: string;
  units: number;
  pictures: number;
  /** Pictures that came out in the call that took their own unit. */
  atOnce: number;
  /** From the unit to its picture. */
  decode: StageSummary;
  /** From the picture to the small NV12 in our memory. */
  scale: StageSummary;
  picturesPerS: number;
  /** Processor milliseconds a picture, all threads of the process. */
  cpuMsPerPicture: number;
}

/** `keep` gets a copy of each small picture: outside the clock, yet in the processor time. */
export function runBackend(
  units: readonly ClipUnit[],
  device: NvdecDevice | null,
  size: { width: number; height: number },
  keep: (picture: Uint8Array) => void,
): BackendResult {
  const { width, height } = size;
  const decoder = new VideoDecoder('h264', DEFAULT_PICTURE_PIXELS, device?.context ?? null);
  const scalers = new PictureScalers();
  const picture = new Uint8Array((width * height * 3) / 2);
  const target = nv12ContentPlanes(picture, width, height, {
    contentX: 0,
    contentY: 0,
    contentWidth: width,
    contentHeight: height,
  });
  const decode = new LatencyWindow();
  const scale = new LatencyWindow();
  let pictures = 0;
  let atOnce = 0;
  let onGpu = 0;
  let keptMs = 0;
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  try {
    units.forEach(({ data, isKeyframe }, i) => {
      const sentMs = performance.now();
      decoder.decode(data, i, isKeyframe, (frame, ptsUs) => {
        const decodedMs = performance.now();
        pictures++;
        if (ptsUs === i) atOnce++;
        if (frame.isHwFrame()) onGpu++;
        const isGood = scalers.scale(frame, target);
        const scaledMs = performance.now();
        decode.record(decodedMs - sentMs);
        scale.record(scaledMs - decodedMs);
        if (isGood) keep(picture.slice());
        keptMs += performance.now() - scaledMs;
      });
    });
    const seconds = (performance.now() - startedMs - keptMs) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    return {
      backend: onGpu === pictures && pictures > 0 ? 'nvdec' : onGpu > 0 ? 'nvdec+software' : 'software',
      units: units.length,
      pictures,
      atOnce,
      decode: decode.summary(),
      scale: scale.summary(),
      picturesPerS: pictures / seconds,
      cpuMsPerPicture: (cpu.user + cpu.system) / 1000 / Math.max(1, pictures),
    };
  } finally {
    decoder.close();
    scalers.close();
  }
}

/** Mean and largest difference of values between pictures of equal size, over the pictures that both have. */
export function comparePictures(
  a: readonly Uint8Array[],
  b: readonly Uint8Array[],
): { pictures: number; mean: number; max: number } {
  let sum = 0;
  let values = 0;
  let max = 0;
  const pictures = Math.min(a.length, b.length);
  for (let p = 0; p < pictures; p++) {
    const other = b[p]!;
    a[p]!.forEach((value, i) => {
      const difference = Math.abs(value - other[i]!);
      sum += difference;
      max = Math.max(max, difference);
    });
    values += other.length;
  }
  return { pictures, mean: values > 0 ? sum / values : 0, max };
}
