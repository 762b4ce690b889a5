export {
  breakCuda,
  cudaFault,
  exitNow,
  measureCrossover,
  nmsInfo,
  trimMemory,
  type CudaDevice,
  type NmsInfo,
} from './backends.js';
export { DetectNms, detectNms, ROW_FIELDS, type DetectNmsOptions } from './detect-nms.js';
export { NativeError, type NativeErrorCode } from './errors.js';
export { nms, nmsAsync, nmsBatch, nmsBatchAsync, nmsBatchTimed, nmsTimed } from './nms.js';
export { notifyManager, type NotifyOutcome } from './notify.js';
export { ReferenceNms, type ReferenceInput } from './nms-reference.js';
export type { NmsBackend, NmsBatch, NmsOptions, SingleNmsOptions, TimedNms } from './types.js';
