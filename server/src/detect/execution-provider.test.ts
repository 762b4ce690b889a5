import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cudaMissingReason, nativeLibraryDirectory } from './execution-provider.js';

describe('cudaMissingReason', () => {
  it("agrees with what lies beside ONNX Runtime's library", () => {
    const directory = nativeLibraryDirectory()!;
    const files = readdirSync(directory);
    expect(files.some((file) => /onnxruntime_binding\.node$/.test(file))).toBe(true);
    const provider = ['libonnxruntime_providers_cuda.so', 'onnxruntime_providers_cuda.dll'];
    const isThere = provider.some((file) => existsSync(join(directory, file)));
    const reason = cudaMissingReason();
    if (isThere) expect(reason).toBeNull();
    else expect(reason).toMatch(/onnxruntime_providers_cuda\.(so|dll) is not beside/);
  });
});
