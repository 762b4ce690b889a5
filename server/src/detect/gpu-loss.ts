/**
 * Which failures of CUDA end its use for the whole process. CUDA keeps the first such error of a context ("sticky") and
 * answers every later call with it; neither a new session nor a new thread helps, because ONNX Runtime, NVDEC and our own
 * kernels share the process' primary context. Out of memory is not among them: it passes.
 * Source: the descriptions of `cudaError_t` in NVIDIA's CUDA Runtime API ("the process must be terminated and relaunched"),
 * and those by which the device itself is gone.
 */
const LASTING: readonly (readonly [number, string])[] = [
  [46, 'cudaErrorDevicesUnavailable'],
  [100, 'cudaErrorNoDevice'],
  [101, 'cudaErrorInvalidDevice'],
  [214, 'cudaErrorECCUncorrectable'],
  [220, 'cudaErrorNvlinkUncorrectable'],
  [226, 'cudaErrorContained'],
  [700, 'cudaErrorIllegalAddress'],
  [702, 'cudaErrorLaunchTimeout'],
  [709, 'cudaErrorContextIsDestroyed'],
  [710, 'cudaErrorAssert'],
  [714, 'cudaErrorHardwareStackError'],
  [715, 'cudaErrorIllegalInstruction'],
  [716, 'cudaErrorMisalignedAddress'],
  [717, 'cudaErrorInvalidAddressSpace'],
  [718, 'cudaErrorInvalidPc'],
  [719, 'cudaErrorLaunchFailure'],
];

const NUMBERS = new Set(LASTING.map(([number]) => number));
const NAMES = new Set(LASTING.map(([, name]) => name));

/** Whether ONNX Runtime's message of a failed inference names an error that lasts until the process ends. */
export function saysGpuIsLost(message: string): boolean {
  for (const [, number] of message.matchAll(/CUDA (?:failure|error) (\d+)/gi))
    if (NUMBERS.has(Number(number))) return true;
  for (const [name] of message.matchAll(/\bcudaError[A-Za-z]+/g)) if (NAMES.has(name)) return true;
  return /an illegal memory access was encountered|unspecified launch failure|GPU is lost/i.test(message);
}
