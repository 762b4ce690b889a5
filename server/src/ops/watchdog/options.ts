import { availableParallelism, totalmem } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { LanecastError } from '../../core/errors.js';
import { VERSION } from '../version.js';
import type { WatchLimits } from './watch-policy.js';
import type { Target } from './watched-process.js';

export interface WatchOptions {
  target: Target;
  limits: WatchLimits;
  intervalMs: number;
  /** Asked each time; anything but a 2xx answer is no good one. Null: memory and CPU only. */
  healthUrl: string | null;
  logLevel: string;
}

interface Flags {
  pid?: number;
  pidFile?: string;
  unit?: string;
  maxRss: number;
  warnRss?: number;
  maxCpu?: number;
  warnCpu?: number;
  health?: string;
  for: number;
  grace: number;
  start: number;
  interval: number;
  logLevel: string;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `1500M`, `2G` (powers of 1024), or a share of the machine's memory like `80%`. In bytes. */
export function sizeOption(text: string, memoryBytes = totalmem()): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGT]?)(?:i?B)?|(%))$/i.exec(text.trim());
  const value = Number(match?.[1]);
  const bytes = match?.[3] ? (value / 100) * memoryBytes : value * UNITS[(match?.[2] ?? '').toUpperCase()]!;
  if (!match || !(bytes >= 2 ** 20)) throw new InvalidArgumentError('It must be a size like 1500M, 2G or 80%.');
  return Math.round(bytes);
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1e9)) throw new InvalidArgumentError('It must be above 0.');
  return value;
}

function notNegative(text: string): number {
  return text.trim() === '0' ? 0 : positive(text);
}

function pidOption(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 2) throw new InvalidArgumentError('It must be the pid of a process.');
  return value;
}

function urlOption(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It must be an address like http://127.0.0.1:8080/healthz.');
  return text;
}

/** An empty value in the environment file switches an option off. */
const option = (flags: string, text: string, name: string): Option =>
  new Option(flags, text).env(`LANECAST_WATCHDOG_${name}`);

/** Flags over environment over defaults. Throws a LanecastError `flag-invalid`; commander prints and exits itself. */
export function watchOptions(argv: readonly string[]): WatchOptions {
  const command = new Command('lanecast-watchdog')
    .description(
      'Watches the memory, the CPU time and the health of a Lanecast server: warns, asks it to end (SIGTERM), ends it\n' +
        '(SIGKILL). Whoever started it, systemd for one, starts it again.',
    )
    .version(VERSION)
    .addOption(option('--pid <pid>', 'watch this process, and end with it', 'PID').argParser(pidOption))
    .addOption(option('--pid-file <file>', 'watch the process that this file names', 'PID_FILE'))
    .addOption(option('--unit <unit>', 'watch the main process of this systemd unit (systemctl show)', 'UNIT'))
    .addOption(
      option('--max-rss <size>', 'limit of resident memory', 'MAX_RSS')
        .default(sizeOption('80%'), '80%')
        .argParser(size),
    )
    .addOption(option('--warn-rss <size>', 'warn from here on (default: 3/4 of the limit)', 'WARN_RSS').argParser(size))
    .addOption(
      option('--max-cpu <percent>', 'limit of CPU time, 100 is one core (default: none)', 'MAX_CPU').argParser(
        positive,
      ),
    )
    .addOption(
      option('--warn-cpu <percent>', 'warn from here on (default: 95 of each core)', 'WARN_CPU').argParser(positive),
    )
    .addOption(option('--health <url>', "ask for the server's health too", 'HEALTH').argParser(urlOption))
    .addOption(option('--for <seconds>', 'how long a limit may be exceeded', 'FOR').default(30).argParser(positive))
    .addOption(option('--grace <seconds>', 'from SIGTERM to SIGKILL', 'GRACE').default(15).argParser(positive))
    .addOption(
      option('--start <seconds>', 'a new process may be busy so long', 'START').default(180).argParser(notNegative),
    )
    .addOption(option('--interval <seconds>', 'how often it looks', 'INTERVAL').default(2).argParser(positive))
    .addOption(
      option('--log-level <level>', 'of its own log', 'LOG_LEVEL')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .showHelpAfterError('(--help lists all flags)')
    .allowExcessArguments(false);
  const flags = command.parse(argv, { from: 'user' }).opts<Flags>();
  const intervalMs = 1000 * flags.interval;
  return {
    target: targetOf(flags),
    intervalMs,
    healthUrl: flags.health ?? null,
    logLevel: flags.logLevel,
    limits: {
      rssMaxBytes: flags.maxRss,
      rssWarnBytes: flags.warnRss ?? 0.75 * flags.maxRss,
      cpuMaxPercent: flags.maxCpu ?? null,
      cpuWarnPercent: flags.warnCpu ?? 95 * availableParallelism(),
      forMs: 1000 * flags.for,
      graceMs: 1000 * flags.grace,
      startMs: 1000 * flags.start,
      maxStepMs: 2.5 * intervalMs,
    },
  };
}

const size = (text: string): number => sizeOption(text);

function targetOf({ pid, pidFile, unit }: Flags): Target {
  const given = [pid, pidFile, unit].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new LanecastError('flag-invalid', 'say whom to watch: one of --pid, --pid-file and --unit');
  if (pid !== undefined) return { kind: 'pid', pid };
  return pidFile !== undefined ? { kind: 'pid-file', path: pidFile } : { kind: 'unit', unit: unit! };
}
