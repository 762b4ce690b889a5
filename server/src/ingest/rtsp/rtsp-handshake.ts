import { baseUrl, resolveControl } from './control-url.js';
import { headerValue, type RtspResponse } from './message-parser.js';
import { rtspError, statusError } from './rtsp-errors.js';
import type { RtspRequester } from './rtsp-requester.js';
import { parseSdp, type SdpVideo } from './sdp.js';
import { parseSessionHeader, type RtspSessionInfo } from './session-header.js';
import { parseTransportHeader, type TransportAnswer } from './transport-header.js';

/** What DESCRIBE gave: the video and the addresses for the requests that follow. */
export interface Description {
  kind: 'description';
  video: SdpVideo;
  /** For SETUP. */
  controlUrl: string;
  /** For PLAY, keep-alive and TEARDOWN: the aggregate control. */
  sessionUrl: string;
  /** The server knows GET_PARAMETER (the customary keep-alive). */
  hasGetParameter: boolean;
}

export interface Redirect {
  kind: 'redirect';
  /** As the server wrote it; not yet checked. */
  location: string;
}

/** OPTIONS and DESCRIBE. */
export async function describe(
  requester: RtspRequester,
  requestUrl: string,
  shownUrl: string,
): Promise<Description | Redirect> {
  const options = await requester.send('OPTIONS', requestUrl);
  const early = redirectOf(options);
  if (early) return early;
  // Some cameras answer OPTIONS with an error and work all the same: only what they say they can do is taken from it.
  const methods = headerValue(options.headers, 'public') ?? '';

  const response = await requester.send('DESCRIBE', requestUrl, { Accept: 'application/sdp' });
  const redirect = redirectOf(response);
  if (redirect) return redirect;
  requireSuccess('DESCRIBE', response, shownUrl);
  const video = parseSdp(Buffer.from(response.body).toString('utf8'));
  const base = baseUrl(
    headerValue(response.headers, 'content-base'),
    headerValue(response.headers, 'content-location'),
    requestUrl,
  );
  return {
    kind: 'description',
    video,
    controlUrl: resolveControl(base, video.control),
    sessionUrl: resolveControl(base, video.sessionControl),
    hasGetParameter: /\bGET_PARAMETER\b/i.test(methods),
  };
}

export interface SetupResult {
  session: RtspSessionInfo;
  transport: TransportAnswer;
}

/** SETUP with the given Transport header; the answer must be of the same protocol. */
export async function setup(
  requester: RtspRequester,
  controlUrl: string,
  transport: string,
  protocol: 'tcp' | 'udp',
  shownUrl: string,
): Promise<SetupResult> {
  const response = await requester.send('SETUP', controlUrl, { Transport: transport });
  requireSuccess('SETUP', response, shownUrl);
  const session = parseSessionHeader(headerValue(response.headers, 'session') ?? '');
  if (!session)
    throw rtspError('rtsp-protocol', `${shownUrl}: the server's answer to SETUP has no usable Session header`);
  const answer = parseTransportHeader(headerValue(response.headers, 'transport') ?? '');
  if (!answer)
    throw rtspError('rtsp-protocol', `${shownUrl}: the server's answer to SETUP has no usable Transport header`);
  if (answer.protocol !== protocol || answer.multicast) {
    const got = answer.multicast ? 'multicast' : answer.protocol;
    const other = protocol === 'tcp' ? 'udp' : 'tcp';
    throw rtspError(
      'rtsp-refused',
      `${shownUrl}: the server chose ${got} although ${protocol} was asked for; set the stream to ${other}`,
    );
  }
  return { session, transport: answer };
}

/** PLAY from now on. */
export async function play(
  requester: RtspRequester,
  sessionUrl: string,
  sessionId: string,
  shownUrl: string,
): Promise<void> {
  const response = await requester.send('PLAY', sessionUrl, { Session: sessionId, Range: 'npt=0.000-' });
  requireSuccess('PLAY', response, shownUrl);
}

function redirectOf(response: RtspResponse): Redirect | null {
  if (response.status < 300 || response.status > 399) return null;
  const location = headerValue(response.headers, 'location');
  return location === undefined || location === '' ? null : { kind: 'redirect', location };
}

function requireSuccess(method: string, response: RtspResponse, shownUrl: string): void {
  if (response.status < 200 || response.status > 299) throw statusError(method, response.status, shownUrl);
}
