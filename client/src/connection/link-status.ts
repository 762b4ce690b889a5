/** The steps to live video, in order; the one that failed is told to the viewer. */
export type LinkStep = 'websocket' | 'place' | 'signalling' | 'ice' | 'dtls' | 'media';

export interface LinkFailure {
  step: LinkStep;
  message: string;
  advice: string;
}

const FAILURES: Readonly<Record<LinkStep, Omit<LinkFailure, 'step'>>> = {
  websocket: {
    message: 'The WebSocket /ws could not be opened',
    advice: 'Is the server running? A proxy in front of it must pass WebSockets on.',
  },
  place: {
    message: 'There is no place for one more viewer of live video',
    advice: 'One comes free when another page is closed, or when the server keeps up again.',
  },
  signalling: {
    message: 'The server did not answer the WebRTC offer',
    advice: 'Look into the server’s log; page and server may be of different versions (reload the page).',
  },
  ice: {
    message: 'No network path for WebRTC was found (ICE)',
    advice:
      'UDP from this browser to the server must be open; behind NAT or in a container, set the announced address.',
  },
  dtls: {
    message: 'The WebRTC encryption handshake did not finish (DTLS)',
    advice: 'Something lets small UDP packets pass but not large ones: look at firewalls, VPNs and their MTU.',
  },
  media: {
    message: 'WebRTC is connected, but no video arrives',
    advice: 'Are the cameras live? A firewall may let UDP through in one direction only.',
  },
};

export function linkFailure(step: LinkStep, detail?: string): LinkFailure {
  const { message, advice } = FAILURES[step];
  return { step, message: detail ? `${message}: ${detail}` : message, advice };
}

/** "Try Again Later": how the server closes the WebSocket of whom it has no place for. */
const TRY_AGAIN_LATER = 1013;

/** The step at which a WebSocket was closed. `offered`: the offer is under way, and not answered. */
export function stepOfClose(code: number, offered: boolean): LinkStep {
  if (code === TRY_AGAIN_LATER) return 'place';
  return offered ? 'signalling' : 'websocket';
}

/** How far a connection came, by which the failed step is known. */
export interface LinkProgress {
  socketOpen: boolean;
  answered: boolean;
  ice: RTCIceConnectionState;
  dtls: RTCPeerConnectionState;
}

/** The step that an attempt which took too long was waiting for. */
export function waitingFor({ socketOpen, answered, ice, dtls }: LinkProgress): LinkStep {
  if (!socketOpen) return 'websocket';
  if (!answered) return 'signalling';
  if (ice !== 'connected' && ice !== 'completed') return 'ice';
  if (dtls !== 'connected') return 'dtls';
  return 'media';
}
