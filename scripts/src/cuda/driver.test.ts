import { describe, expect, it } from 'vitest';
import { driverFinding, readDriver } from './driver.js';
import type { RunProgram } from './run-program.js';

const HEAD = `
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 580.95.05              Driver Version: 580.95.05      CUDA Version: 13.0     |
`;

const nvidiaSmi =
  (list: string | null, head: string): RunProgram =>
  (_, args) =>
    Promise.resolve({
      code: list === null ? 9 : 0,
      stdout: args.length > 0 ? (list ?? '') : head,
      stderr: '',
    });

describe('readDriver', () => {
  it('reads the driver, the CUDA that it runs, and each GPU', async () => {
    const list = 'NVIDIA H100 80GB HBM3, 580.95.05, 81559 MiB\nNVIDIA H100 80GB HBM3, 580.95.05, 81559 MiB\n';
    const driver = await readDriver(nvidiaSmi(list, HEAD));
    const gpu = 'NVIDIA H100 80GB HBM3 (81559 MiB)';
    expect(driver).toEqual({ version: '580.95.05', cuda: '13.0', cudaMajor: 13, gpus: [gpu, gpu] });
    expect(driverFinding(driver)).toMatchObject({ verdict: 'ok' });
  });

  it.each([null, 'No devices were found\n'])('finds none where nvidia-smi says %j', async (list) => {
    const driver = await readDriver(nvidiaSmi(list, ''));
    expect(driver).toBeNull();
    expect(driverFinding(driver)).toMatchObject({
      verdict: 'fail',
      text: expect.stringContaining('no NVIDIA') as string,
    });
  });

  it('asks for a newer driver where CUDA is older than any provider', async () => {
    const old = HEAD.replace('13.0', '11.4');
    const driver = await readDriver(nvidiaSmi('Tesla T4, 470.1, 15109 MiB\n', old));
    expect(driverFinding(driver)).toMatchObject({ verdict: 'fail', fix: expect.stringContaining('CUDA 12') as string });
  });
});
