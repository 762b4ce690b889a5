import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it.skipIf(process.platform !== 'linux')('leaves no child behind when a signal ends the bench', async () => {
  const module = new URL('../dist/end-with-us.js', import.meta.url).href;
  const script = `
    import { spawn } from 'node:child_process';
    import { endWithUs } from '${module}';
    const child = spawn('sleep', ['60']);
    endWithUs(child);
    console.log(child.pid);
    setInterval(() => undefined, 1000);`;
  const bench = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(bench.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  expect(alive(pid)).toBe(true);
  bench.kill('SIGTERM');
  expect((await once(bench, 'exit'))[0]).toBe(143);
  await expect.poll(() => alive(pid)).toBe(false);
});

/** One that nobody has waited for yet is dead all the same. */
function alive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
