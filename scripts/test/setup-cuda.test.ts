import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../dist/setup-cuda.js', import.meta.url));
const hasDriver = existsSync('/proc/driver/nvidia/version');

function setUpCuda(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

describe.skipIf(hasDriver)('setup:cuda on a machine without a GPU', () => {
  it.each([['--check'], []])('says that a driver is missing, installs nothing, and fails: %s', async (...args) => {
    const { code, output } = await setUpCuda(...args);
    expect(code).toBe(1);
    expect(output).toMatch(/^FAIL {2}driver .* -> install NVIDIA's driver/m);
    expect(output).not.toContain('inference');
  });

  it('refuses what it does not know', async () => {
    const { code, output } = await setUpCuda('--nonsense');
    expect(code).toBe(1);
    expect(output).toContain("unknown option '--nonsense'");
  });
});
