import type { Carriage } from '../../core/signalling/messages.js';
import type { StreamInfo, WebRtcFault } from '../../core/types.js';

/** How a stream goes to browsers, and why not as the camera sends it. */
export interface StreamWay {
  carriage: Carriage;
  /** null: as the camera sends it. */
  reason: string | null;
}

/** What the decision rests on. */
export interface CarriageRules {
  transcode: 'auto' | 'never';
  /** So many streams are transcoded; those that are named first. */
  maxTranscodes: number;
  /** Why nothing can be transcoded here; null: it can. */
  encoderFault: string | null;
  /** Why this stream cannot for the time being; null: it can. */
  failure: (stream: string) => string | null;
}

const FAULTS: Readonly<Record<WebRtcFault, string>> = {
  h265: 'This camera sends H.265, which browsers do not take over WebRTC; set it to H.264',
  'b-frames': 'This camera sends B-frames, which WebRTC cannot carry; set its profile to Baseline, or B-frames to 0',
  'h264-profile': 'This camera sends a profile of H.264 that browsers cannot show; set it to High, Main or Baseline',
};

const SOURCES: Readonly<Record<WebRtcFault, string>> = {
  h265: 'Transcoded from H.265, which browsers do not take over WebRTC; set the camera to H.264 to spare the server that',
  'b-frames':
    'Transcoded from H.264 with B-frames, which WebRTC cannot carry; set the camera to B-frames 0 to spare the server that',
  'h264-profile':
    'Transcoded from a profile of H.264 that browsers cannot show; set the camera to High, Main or Baseline to spare the server that',
};

/** Why WebRTC cannot carry the stream as it is, and what to do at the camera. */
export function faultWords(fault: WebRtcFault): string {
  return FAULTS[fault];
}

/** The way of every stream, by id: as it comes where WebRTC can carry it, else transcoded, else as motion JPEG. */
export function carriages(
  streams: readonly Pick<StreamInfo, 'id' | 'webrtcFault'>[],
  { transcode, maxTranscodes, encoderFault, failure }: CarriageRules,
): Map<string, StreamWay> {
  const ways = new Map<string, StreamWay>();
  let transcodes = 0;
  for (const { id, webrtcFault } of streams) {
    if (webrtcFault === null) {
      ways.set(id, { carriage: 'webrtc', reason: null });
      continue;
    }
    const refusal = transcode === 'never' ? '' : (encoderFault ?? failure(id));
    if (refusal !== null) {
      const why = refusal === '' ? '' : `. It is not transcoded: ${refusal}`;
      ways.set(id, { carriage: 'mjpeg', reason: `${FAULTS[webrtcFault]}${why}` });
    } else if (transcodes >= maxTranscodes) {
      const why = `${maxTranscodes} other ${maxTranscodes === 1 ? 'stream is' : 'streams are'} already (webrtc.maxTranscodes)`;
      ways.set(id, { carriage: 'mjpeg', reason: `${FAULTS[webrtcFault]}. It is not transcoded: ${why}` });
    } else {
      transcodes++;
      ways.set(id, { carriage: 'transcoded', reason: SOURCES[webrtcFault] });
    }
  }
  return ways;
}
