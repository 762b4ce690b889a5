/** Asks an RTSP server one question: is it there, does it have this path. */
import { connect } from 'node:net';
import { LanecastError } from '@lanecast/server/core/errors';
import { redactText } from '@lanecast/server/core/redact';

/**
 * - `refused`: nobody listens
 * - `silent`: somebody listens, but does not answer within the time
 * - `not-rtsp`: the answer is not RTSP
 * - a number: the status of the RTSP answer
 */
export type ProbeResult = 'refused' | 'silent' | 'not-rtsp' | number;

/** Sends one OPTIONS or DESCRIBE for `url` and gives the answer's status. Never rejects for what a server does. */
export async function probeRtsp(url: string, method: 'OPTIONS' | 'DESCRIBE', timeoutMs = 2000): Promise<ProbeResult> {
  const { host, port } = parseRtspUrl(url);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let received = '';
    const finish = (result: ProbeResult): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => finish('silent'));
    socket.once('connect', () => {
      const accept = method === 'DESCRIBE' ? 'Accept: application/sdp\r\n' : '';
      socket.write(`${method} ${redactText(url)} RTSP/1.0\r\nCSeq: 1\r\n${accept}\r\n`);
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      const status = /^RTSP\/1\.\d (\d{3}) /.exec(received)?.[1];
      if (status !== undefined) finish(Number(status));
      else if (!'RTSP/1.'.startsWith(received.slice(0, 7))) finish('not-rtsp');
    });
    socket.once('error', () => finish('refused'));
    socket.once('end', () => finish('not-rtsp'));
  });
}

/**
 * Host and port (554 when none is given) of an RTSP URL.
 * @throws LanecastError `rtsp-url` when it is none.
 */
export function parseRtspUrl(url: string): { host: string; port: number } {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw invalidUrl();
  }
  if (parsed.protocol !== 'rtsp:' || parsed.hostname === '') throw invalidUrl();
  return { host: parsed.hostname.replace(/^\[|\]$/g, ''), port: parsed.port === '' ? 554 : Number(parsed.port) };
}

// The URL itself may hold credentials, so it is not repeated.
function invalidUrl(): LanecastError {
  return new LanecastError('rtsp-url', 'Reading an RTSP URL: it must look like rtsp://127.0.0.1:8554.');
}
