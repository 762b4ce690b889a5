import { AV_HWDEVICE_TYPE_CUDA } from 'node-av/constants';
import { Dictionary, HardwareDeviceContext } from 'node-av/lib';
import { LanecastError } from '../../core/errors.js';

/** CUDA as FFmpeg uses it on one thread. Whoever opened it closes it, after every decoder and scaler that uses it. */
export interface NvdecDevice {
  readonly context: HardwareDeviceContext;
  /** It is the process' one (primary) context of the GPU, which ONNX Runtime uses too. */
  readonly isShared: boolean;
  /** May be called twice. */
  close(): void;
}

/**
 * Opens the GPU for decoding. The objects of one thread cannot be given to another, but with the primary context every
 * thread's device is the same CUDA context: with one context a stream, 64 streams decode three times slower.
 *
 * FFmpeg takes the primary context only while nobody else has made it with other flags, so the main thread opens the
 * device before ONNX Runtime starts and keeps it; where that fails, a context of this thread's own serves.
 *
 * Throws a LanecastError `nvdec-unavailable`.
 */
export function openNvdecDevice(): NvdecDevice {
  const shared = create({ primary_ctx: '1' });
  const context = shared ?? create({});
  if (!context) {
    throw new LanecastError(
      'nvdec-unavailable',
      'FFmpeg cannot open CUDA: no NVIDIA driver (libcuda.so.1) or no GPU that it sees',
    );
  }
  return { context, isShared: shared !== null, close: () => context.free() };
}

function create(options: Record<string, string>): HardwareDeviceContext | null {
  const context = new HardwareDeviceContext();
  const dictionary = Dictionary.fromObject(options);
  try {
    if (context.create(AV_HWDEVICE_TYPE_CUDA, null, dictionary) >= 0) return context;
  } finally {
    dictionary.free();
  }
  context.free();
  return null;
}
