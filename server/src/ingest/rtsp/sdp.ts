import sdpTransform from 'sdp-transform';
import type { LanecastError } from '../../core/errors.js';
import { rtspError } from './rtsp-errors.js';

/** The video of a session description that we can take. */
export interface SdpVideo {
  codec: 'h264' | 'h265';
  payloadType: number;
  clockRate: number;
  /** Raw NAL units, in the order in which a decoder wants them; empty if they come in band only. */
  parameterSets: Uint8Array[];
  /** `a=control` of the media; null if there is none. */
  control: string | null;
  /** `a=control` of the session; null if there is none. */
  sessionControl: string | null;
}

/** What the library really returns of the lines we give it: text that looks like a number comes as a number. */
interface ParsedSession {
  control?: unknown;
  media: {
    type: unknown;
    payloads?: unknown;
    control?: unknown;
    rtp: { payload: unknown; codec: unknown; rate?: unknown }[];
    fmtp: { payload: unknown; config: unknown }[];
  }[];
}

const MAX_LINES = 1000;
const MAX_LINE_LENGTH = 16 * 1024;
const MAX_PARAMETER_SETS = 16;
const MAX_PARAMETER_SET_BYTES = 4096;
/** The only one for H.264 (RFC 6184, section 8.1) and H.265 (RFC 7798, section 7.1). */
const CLOCK_RATE_HZ = 90_000;

/** Static payload types of video that need no rtpmap (RFC 3551, section 6), by name for the error message. */
const STATIC_VIDEO: Readonly<Record<string, string>> = {
  '25': 'CelB',
  '26': 'JPEG',
  '28': 'nv',
  '31': 'H261',
  '32': 'MPV',
  '33': 'MP2T',
  '34': 'H263',
};

/**
 * Finds the first H.264 or H.265 video in a session description (RFC 8866; formats: RFC 6184 and RFC 7798).
 * @throws LanecastError `unsupported-codec`, `no-video` or `rtsp-protocol`
 */
export function parseSdp(text: string): SdpVideo {
  const session = sdpTransform.parse(relevantLines(text)) as unknown as ParsedSession;
  const unsupported: string[] = [];
  for (const media of session.media) {
    if (textOf(media.type).toLowerCase() !== 'video') continue;
    for (const payloadType of textOf(media.payloads).split(/\s+/).filter(Boolean)) {
      const mapping = media.rtp.find((rtp) => textOf(rtp.payload) === payloadType);
      const name = mapping ? textOf(mapping.codec) : (STATIC_VIDEO[payloadType] ?? `payload type ${payloadType}`);
      const codec = codecOf(name);
      if (!codec || !/^\d{1,3}$/.test(payloadType) || Number(payloadType) > 127) {
        unsupported.push(name);
        continue;
      }
      const format = media.fmtp.find((fmtp) => textOf(fmtp.payload) === payloadType);
      const parameters = formatParameters(textOf(format?.config));
      const obstacle = unsupportedMode(codec, parameters);
      if (obstacle !== null) throw unsupportedCodec(obstacle);
      return {
        codec,
        payloadType: Number(payloadType),
        clockRate: checkedClockRate(name, mapping?.rate),
        parameterSets: parameterSetsOf(codec, parameters),
        control: controlOf(media.control),
        sessionControl: controlOf(session.control),
      };
    }
  }
  if (unsupported.length > 0) throw unsupportedCodec([...new Set(unsupported.map(printable))].slice(0, 4).join(', '));
  if (session.media.length === 0 && !/^v=/m.test(text)) {
    throw rtspError(
      'rtsp-protocol',
      'The server described the stream with something that is not a session description (SDP)',
    );
  }
  throw rtspError('no-video', 'The stream has no video; check that the address is that of a video stream');
}

/**
 * The lines that matter, bounded in number and length. The library tries dozens of patterns on any other line, some of
 * which take quadratic time on hostile input; the four kinds kept here match in linear time.
 */
function relevantLines(text: string): string {
  const lines: string[] = [];
  for (const rawLine of text.split(/\r\n|\r|\n/, MAX_LINES)) {
    const line = rawLine.trim();
    if (line.length > MAX_LINE_LENGTH) continue;
    // Cameras differ in case and in blanks after the colon; the library wants one form.
    const attribute = /^a=(rtpmap|fmtp|control):[ \t]*(.*)$/i.exec(line);
    if (attribute) lines.push(`a=${attribute[1]!.toLowerCase()}:${attribute[2]!.replace(/[ \t]+/g, ' ')}`);
    else if (/^m=/i.test(line))
      lines.push(
        `m=${line
          .slice(2)
          .trim()
          .replace(/[ \t]+/g, ' ')}`,
      );
  }
  return lines.join('\r\n');
}

function codecOf(name: string): 'h264' | 'h265' | null {
  switch (name.toUpperCase()) {
    case 'H264':
      return 'h264';
    case 'H265':
    case 'HEVC':
      return 'h265';
    default:
      return null;
  }
}

function formatParameters(config: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of config.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return parameters;
}

/** Packets out of decoding order (interleaved mode, DONL fields) are not supported; no camera is known to send them. */
function unsupportedMode(codec: 'h264' | 'h265', parameters: ReadonlyMap<string, string>): string | null {
  if (codec === 'h264') return parameters.get('packetization-mode') === '2' ? 'H264 in interleaved mode' : null;
  return Number(parameters.get('sprop-max-don-diff') ?? 0) > 0 ? 'H265 with sprop-max-don-diff > 0' : null;
}

/** Times would be wrong by the ratio of the rates, and with them every speed. A missing rate, or none, is taken for the only one. */
function checkedClockRate(name: string, rate: unknown): number {
  const text = textOf(rate);
  if (!(Number(text) > 0) || Number(text) === CLOCK_RATE_HZ) return CLOCK_RATE_HZ;
  throw rtspError(
    'rtsp-protocol',
    `The server announces ${printable(name)} with an RTP clock of ${printable(text)} Hz; the standard allows only ${CLOCK_RATE_HZ} (RFC 6184, 8.1; RFC 7798, 7.1): correct it at the camera or server`,
  );
}

function parameterSetsOf(codec: 'h264' | 'h265', parameters: ReadonlyMap<string, string>): Uint8Array[] {
  const names = codec === 'h264' ? ['sprop-parameter-sets'] : ['sprop-vps', 'sprop-sps', 'sprop-pps'];
  const sets: Uint8Array[] = [];
  for (const name of names) {
    for (const base64 of (parameters.get(name) ?? '').split(',', MAX_PARAMETER_SETS)) {
      // Copied out of Node's shared pool: these live as long as the stream.
      const nal = stripStartCode(new Uint8Array(Buffer.from(base64.slice(0, MAX_PARAMETER_SET_BYTES * 2), 'base64')));
      if (nal.length > (codec === 'h264' ? 1 : 2) && nal.length <= MAX_PARAMETER_SET_BYTES) sets.push(nal);
    }
  }
  return sets.slice(0, MAX_PARAMETER_SETS);
}

/** Some cameras put an Annex-B start code in front. */
function stripStartCode(nal: Uint8Array): Uint8Array {
  let zeros = 0;
  while (zeros < nal.length && nal[zeros] === 0) zeros++;
  return zeros >= 2 && nal[zeros] === 1 ? nal.slice(zeros + 1) : nal;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function controlOf(control: unknown): string | null {
  const text = textOf(control).trim();
  return text === '' ? null : text;
}

function printable(name: string): string {
  return name.replace(/[^\w .+-]/g, '').slice(0, 32);
}

function unsupportedCodec(what: string): LanecastError {
  return rtspError(
    'unsupported-codec',
    `The stream's video is ${what}, which is not supported; set the camera to H.264 or H.265`,
  );
}
