import { LanecastError } from '../../core/errors.js';

/** The candidates of a trickle-ICE fragment (RFC 8840), and whose they are. */
export interface IceFragment {
  ufrag: string | null;
  candidates: { candidate: string; mid: string | null }[];
}

const MAX_CANDIDATES = 64;

/** Refuses what cannot become a viewer, before a connection is made for it: `sdp-malformed`, `offer-without-h264`. */
export function checkOffer(sdp: string): void {
  if (!/^v=0\r?\n/.test(sdp) || !/^m=/m.test(sdp))
    throw new LanecastError('sdp-malformed', 'The offer is no SDP: it begins with "v=0" and has media lines');
  const sections = sdp.split(/^(?=m=)/m).slice(1);
  const video = sections.filter((section) => section.startsWith('m=video '));
  if (!video.some((section) => /^a=rtpmap:\d+ H264\/90000/im.test(section)))
    throw new LanecastError('offer-without-h264', 'The offer takes no H.264 video; that is what cameras send');
  if (!/^a=fingerprint:sha-/im.test(sdp) || iceUfragOf(sdp) === null)
    throw new LanecastError('sdp-malformed', 'The offer lacks "a=fingerprint" or "a=ice-ufrag": it is no WebRTC offer');
}

export function iceUfragOf(sdp: string): string | null {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? null;
}

/** Throws a LanecastError `fragment-malformed`. */
export function parseIceFragment(text: string): IceFragment {
  const fragment: IceFragment = { ufrag: iceUfragOf(text), candidates: [] };
  let mid: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    if (!/^[a-z]=/.test(line))
      throw new LanecastError('fragment-malformed', 'The body is no SDP fragment: its lines begin like "a="');
    if (line.startsWith('m=')) mid = null;
    else if (line.startsWith('a=mid:')) mid = line.slice('a=mid:'.length);
    else if (line.startsWith('a=candidate:')) fragment.candidates.push({ candidate: line.slice('a='.length), mid });
  }
  if (fragment.candidates.length > MAX_CANDIDATES)
    throw new LanecastError('fragment-malformed', `More than ${MAX_CANDIDATES} candidates are not taken at once`);
  return fragment;
}
