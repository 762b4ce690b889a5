import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { LanecastError } from '../core/errors.js';
import { readCredential } from './credential.js';
import type { Config } from './schema.js';
import { VERSION } from '../ops/version.js';
import { readEnvironment, strayVariables } from './environment.js';
import { type FileContent, type Locate, mergeConfig, readConfigFile, type RawConfig, validateConfig } from './load.js';
import { nearest } from './nearest.js';
import { rtspUrlFault } from './rtsp-url.js';
import { SETTINGS, valueOfText } from './settings.js';

/** What `addDetectorFlags` leaves in a command's options. */
export interface DetectorFlags {
  model?: string;
  detector?: string;
  ep?: string;
  precision?: string;
  size?: { width: number; height: number };
  maxBatch?: number;
  maxWaitMs?: number;
  maxLentLatencyMs?: number;
  threads?: number;
}

interface Flags extends DetectorFlags {
  config?: string;
  set?: RawConfig;
  streams?: number;
  rtspBase: string;
  transport?: string;
  decode?: string;
  scaleMPerPx?: number;
  host?: string;
  port?: number;
  token?: string;
  allowHost?: string[];
  stateDir?: string;
  logLevel?: string;
  webrtc?: boolean;
  webrtcBind?: string;
  webrtcAddress?: string;
  webrtcPorts?: [number, number];
  transcode?: string;
  debugFrameNumbers?: boolean;
  debugPacketLoss?: number;
  debugDetectionDelay?: number;
  debugFaults?: boolean;
  debugStartPts?: number;
}

/** A number, or commander's own message. */
export function numberFlag(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function wholeFlag(text: string): number {
  const value = numberFlag(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return value;
}

/** `640x384` */
export function sizeFlag(text: string): { width: number; height: number } {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be WIDTHxHEIGHT, like 640x384.');
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** Where pictures are decoded; the benches take the same flag. */
export function decodeOption(): Option {
  return new Option('--decode <where>', 'decode on the GPU (NVDEC) or in software').choices([
    'auto',
    'software',
    'nvdec',
  ]);
}

/** `mjpeg.maxFps=5`: further ones add to what there is. */
function setFlag(text: string, previous: RawConfig = {}): RawConfig {
  const match = /^([^=]+)=(.*)$/s.exec(text);
  const setting = SETTINGS.find(({ path }) => path === match?.[1]);
  if (match && setting)
    return mergeConfig(previous, { [setting.section]: { [setting.key]: valueOfText(setting.kind, match[2]!) } });
  const meant = nearest(
    match?.[1] ?? text,
    SETTINGS.map(({ path }) => path),
  );
  throw new InvalidArgumentError(
    `It must be SECTION.KEY=VALUE, like mjpeg.maxFps=5${meant === null ? '' : ` (did you mean ${meant}=...?)`}.`,
  );
}

/** `50000-50100` */
export function portRangeFlag(text: string): [number, number] {
  const match = /^(\d+)-(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be FIRST-LAST, like 50000-50100.');
  return [Number(match[1]), Number(match[2])];
}

/** The server's command line; the benches and the demo add the same detector flags to theirs. */
export function addDetectorFlags(command: Command): Command {
  return command
    .option('--model <file>', 'pipeline model, or a stock YOLOv8/YOLO11 export (prepared at the first start)')
    .addOption(new Option('--detector <where>', 'where detection runs').choices(['auto', 'server', 'browser', 'none']))
    .addOption(new Option('--ep <provider>', 'execution provider').choices(['auto', 'cpu', 'cuda']))
    .addOption(new Option('--precision <p>', 'of a prepared model').choices(['auto', 'fp32', 'fp16']))
    .option('--size <WxH>', 'model input, multiples of 32', sizeFlag)
    .option('--max-batch <n>', 'frames per inference (default: from the measured marginal cost)', wholeFlag)
    .option('--max-wait-ms <ms>', 'how long a batch may wait to fill', numberFlag)
    .option('--max-lent-latency-ms <ms>', 'detections of pages that come later are not used', numberFlag)
    .option('--threads <n>', 'threads of one inference (default: all cores)', wholeFlag);
}

export function serverCommand(): Command {
  const command = new Command('lanecast')
    .description('RTSP cameras in; live video, tracked vehicles and their speeds out, in a browser.')
    .version(VERSION, '--version', 'print the version')
    .option('--config <file>', 'YAML configuration, followed while it changes; flags win over it')
    .option('--set <section.key=value>', 'any setting of docs/config.md; may be repeated', setFlag)
    .option('--streams <n>', 'read <rtsp-base>/stream0 .. stream<n-1> (default 8 without --config)', wholeFlag)
    .option('--rtsp-base <url>', 'where --streams finds them', 'rtsp://127.0.0.1:8554')
    .addOption(new Option('--transport <t>', 'RTSP over TCP or UDP').choices(['tcp', 'udp']))
    .addOption(decodeOption());
  addDetectorFlags(command)
    .option('--scale-m-per-px <m>', 'metres per pixel for streams without a calibration', numberFlag)
    .option(
      '--state-dir <dir>',
      'where calibrations that are set at run time are kept (default: ~/.local/state/lanecast)',
    )
    .option('--host <address>', 'bind address (anything but loopback needs a token)')
    .option('--port <port>', 'HTTP port', numberFlag)
    .option('--token <secret>', 'access token (better: LANECAST_TOKEN in the environment)')
    .option('--allow-host <name...>', 'further names that the Host header may carry')
    .option('--no-webrtc', 'no live video by WebRTC: motion JPEG only')
    .option('--webrtc-bind <ip>', 'own address for live video (default: where the request came in)')
    .option('--webrtc-address <ip>', 'address that viewers are told, behind NAT or in a container')
    .option('--webrtc-ports <first-last>', 'UDP ports of live video, one a viewer (default: any)', portRangeFlag)
    .addOption(
      new Option(
        '--transcode <when>',
        'encode anew, for live video, what WebRTC cannot carry (H.265, B-frames)',
      ).choices(['auto', 'never']),
    )
    .option('--debug-frame-numbers', 'read the frame counter of demo clips; adds frameNo to track messages')
    .option('--debug-packet-loss <percent>', 'drop so much of the live video on its way to viewers', numberFlag)
    .option('--debug-detection-delay <ms>', 'let each detection come later, by up to so much, at random', numberFlag)
    .option('--debug-faults', 'let POST /api/debug/faults kill threads and turn the clock (loopback only)')
    .option('--debug-start-pts <us>', 'where the time of streams begins', numberFlag)
    .addOption(new Option('--log-level <level>').choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal']));
  return command.showHelpAfterError('(--help lists all flags)').allowExcessArguments(false);
}

/** Streams `stream0..` below one RTSP base address. Throws a LanecastError `flag-invalid` if it is none. */
export function numberedStreams(count: number, rtspBase: string): { id: string; url: string }[] {
  const fault = rtspUrlFault(rtspBase);
  if (fault !== null) throw new LanecastError('flag-invalid', `--rtsp-base must be an RTSP address: ${fault}`);
  const base = rtspBase.replace(/\/+$/, '');
  return Array.from({ length: count }, (_, i) => ({ id: `stream${i}`, url: `${base}/stream${i}` }));
}

/** What the command line and the environment say; with what a file says it makes the configuration. */
export interface CommandLine {
  /** The configuration file that was named (`--config`, `LANECAST_CONFIG`), as an absolute path; null: none. */
  file: string | null;
  /** What is odd about the environment, one line each. */
  notices: string[];
  /** Flags over environment over file over defaults. Throws a LanecastError `config-invalid`. */
  compose: (file: FileContent | null) => Config;
}

/**
 * Reads flags and environment. `argv` is without node and script. Throws a LanecastError `flag-invalid`; commander itself
 * prints and exits for `--help`, `--version` and unknown flags.
 */
export function readCommandLine(argv: readonly string[], environment: NodeJS.ProcessEnv): CommandLine {
  const flags = serverCommand().parse(argv, { from: 'user' }).opts<Flags>();
  const file = flags.config ?? environment['LANECAST_CONFIG'];
  const named = file === undefined || file === '' ? null : file;
  if (named !== null && flags.streams !== undefined) {
    throw new LanecastError('flag-invalid', '--streams and --config both name the streams: use one of them');
  }
  const said = fromFlags(flags, named === null);
  const { raw: environmental, variables } = readEnvironment(environment);
  const defaults = {
    state: { directory: defaultStateDirectory(environment) },
    server: { token: readCredential(environment, 'lanecast-token') },
  };
  return {
    file: named === null ? null : resolve(named),
    notices: strayVariables(environment),
    compose(content) {
      const locate: Locate = (path) => {
        const setting = path.slice(0, 2).join('.');
        if (isSaid(said, path)) return 'the command line';
        return variables.get(setting) ?? content?.locate(path) ?? 'configuration';
      };
      const below = mergeConfig(mergeConfig(defaults, content?.raw ?? {}), environmental);
      return validateConfig(mergeConfig(below, said), locate);
    },
  };
}

/** The configuration that a start with these flags and this environment has. Throws `config-*` and `flag-invalid`. */
export function loadConfig(argv: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const line = readCommandLine(argv, environment);
  return line.compose(line.file === null ? null : readConfigFile(line.file));
}

function isSaid(raw: RawConfig, [section, key]: readonly (string | number)[]): boolean {
  const inside = raw[String(section)];
  return typeof inside === 'object' && inside !== null && key !== undefined && key in inside;
}

/** What systemd gave this service (`StateDirectory=`), else the user's own (XDG Base Directory Specification 0.8). */
export function defaultStateDirectory(environment: NodeJS.ProcessEnv): string {
  const given = environment['STATE_DIRECTORY']?.split(':')[0];
  if (given) return given;
  const state = environment['XDG_STATE_HOME'];
  // Relative ones are to be ignored.
  return join(state && isAbsolute(state) ? state : join(homedir(), '.local', 'state'), 'lanecast');
}

/** The detector's section of a configuration as the flags say it; what was not said is absent. */
export function detectorSettings(flags: DetectorFlags): RawConfig {
  return dropUndefined({
    mode: flags.detector,
    model: flags.model,
    executionProvider: flags.ep,
    precision: flags.precision,
    width: flags.size?.width,
    height: flags.size?.height,
    maxBatch: flags.maxBatch,
    maxWaitMs: flags.maxWaitMs,
    maxLentLatencyMs: flags.maxLentLatencyMs,
    threads: flags.threads,
  });
}

/** Only what was said: absent flags must not hide what the file says. */
function fromFlags(flags: Flags, needStreams: boolean): RawConfig {
  const raw: RawConfig = {
    server: {
      host: flags.host,
      port: flags.port,
      token: flags.token,
      allowedHosts: flags.allowHost,
    },
    ingest: { transport: flags.transport, decode: flags.decode },
    detector: detectorSettings(flags),
    speed: { scaleMPerPx: flags.scaleMPerPx },
    state: { directory: flags.stateDir },
    webrtc: {
      // commander makes this true where the flag is absent: the file decides then.
      enabled: flags.webrtc === false ? false : undefined,
      bindAddress: flags.webrtcBind,
      announcedAddress: flags.webrtcAddress,
      udpPorts: flags.webrtcPorts,
      transcode: flags.transcode,
      debugLossPercent: flags.debugPacketLoss,
    },
    debug: {
      frameNumbers: flags.debugFrameNumbers,
      detectionDelayMs: flags.debugDetectionDelay,
      faults: flags.debugFaults,
      startPtsUs: flags.debugStartPts,
    },
    log: { level: flags.logLevel },
  };
  if (needStreams) raw['streams'] = numberedStreams(flags.streams ?? 8, flags.rtspBase);
  // Where a setting has a flag of its own, that one wins.
  return mergeConfig(dropUndefined(flags.set ?? {}), dropUndefined(raw));
}

function dropUndefined(raw: RawConfig): RawConfig {
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [
        key,
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? dropUndefined(value as RawConfig)
          : value,
      ]),
  );
}
