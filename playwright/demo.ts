import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The demo, running as a person would run it: RTSP server, clips, detector, HTTP. */
export interface Demo {
  url: string;
  /** What it printed so far. */
  output(): string;
  close(): Promise<void>;
}

/** Starts `npm run demo` on a free port; the caller closes it. */
export async function startDemo(args: readonly string[] = []): Promise<Demo> {
  const child: ChildProcess = spawn('sh', ['scripts/launch', 'scripts/dist/demo.js', '--port', '0', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the demo did not start:\n${output}`)), 40_000);
    const listen = (data: Buffer): void => {
      output += data.toString();
      const match = /Lanecast is at (http:\/\/[^/\s]+)/.exec(output);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[1]!);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    void ended.then(() => reject(new Error(`the demo ended:\n${output}`)));
  });
  return {
    url,
    output: () => output,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
