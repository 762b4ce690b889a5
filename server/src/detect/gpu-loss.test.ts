import { expect, it } from 'vitest';
import { saysGpuIsLost } from './gpu-loss.js';

it.each([
  'CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=box ; expr=cudaStreamSynchronize(stream)',
  "Non-zero status code returned while running Conv node. Name:'/model.0/Conv' Status Message: CUDA error cudaErrorIllegalAddress:an illegal memory access was encountered",
  'CUDA failure 719: unspecified launch failure',
  'CUDA error 214: uncorrectable ECC error encountered',
  'suppressing failed: an illegal memory access was encountered',
  'Unable to determine the device handle for GPU 0000:65:00.0: GPU is lost. Reboot the system to recover this GPU',
])('lasts: %s', (message) => {
  expect(saysGpuIsLost(message)).toBe(true);
});

it.each([
  'CUDA failure 2: out of memory ; GPU=0 ; hostname=box ; expr=cudaMalloc((void**)&p, size)',
  'Non-zero status code returned while running Conv node. Status Message: Failed to allocate memory for requested buffer of size 7000',
  'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
  'CUDA failure 7000: no such number',
  'Got invalid dimensions for input: images',
])('passes: %s', (message) => {
  expect(saysGpuIsLost(message)).toBe(false);
});
