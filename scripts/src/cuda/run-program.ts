import { execFile } from 'node:child_process';

/** What a program answered; `code` is null where it could not be started or was ended. */
export interface ProgramAnswer {
  code: number | null;
  stdout: string;
  stderr: string;
}

export type RunProgram = (file: string, args: readonly string[], options?: RunOptions) => Promise<ProgramAnswer>;

export interface RunOptions {
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
  timeoutMs?: number;
}

/** Runs a program to its end; never rejects. */
export const runProgram: RunProgram = (file, args, { cwd, environment, timeoutMs = 60_000 } = {}) =>
  new Promise((resolve) => {
    execFile(
      file,
      args,
      { cwd, env: { ...process.env, ...environment }, timeout: timeoutMs, maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
        resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
      },
    );
  });
