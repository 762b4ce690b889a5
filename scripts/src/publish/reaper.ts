/**
 * Kills child processes when this one dies, however it dies (`kill -9` included). A small shell holds the other end of a
 * pipe: when the pipe closes without a farewell, it kills the processes whose ids it was told.
 */
import { spawn, type ChildProcess } from 'node:child_process';

// Lines are `+pid` and `-pid`. At the end of input whoever is still listed is killed.
const SCRIPT = `
pids=" "
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    -*) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
`;

export class Reaper {
  readonly #shell: ChildProcess;
  readonly #children = new Set<ChildProcess>();
  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill('SIGKILL');
  };
  #closed = false;

  constructor() {
    // A session of its own: the terminal's Ctrl-C and hang-up must not end it before its time.
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    // Without a shell the exit hook is what remains.
    this.#shell.on('error', () => undefined);
    this.#shell.stdin?.on('error', () => undefined);
    this.#shell.unref();
    process.on('exit', this.#killAll);
  }

  /** Watches over `child` until it exits. */
  guard(child: ChildProcess): void {
    if (child.pid === undefined || this.#closed) return;
    const line = `${child.pid}\n`;
    this.#children.add(child);
    this.#shell.stdin?.write(`+${line}`);
    child.once('exit', () => {
      this.#children.delete(child);
      if (!this.#closed) this.#shell.stdin?.write(`-${line}`);
    });
  }

  /** Kills what is still running, and ends. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.off('exit', this.#killAll);
    this.#killAll();
    this.#shell.stdin?.end();
  }
}
