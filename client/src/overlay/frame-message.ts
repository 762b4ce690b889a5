/** What the overlay needs to know of one processed frame: the decoded track message. */
import type { WireTrack, WireTracks } from '@lanecast/server/core/protocol/track-message';

/** Where a box lies and how its vehicle moves; positions are shares of the picture (0..1). */
export interface FrameTrack extends Omit<WireTrack, 'classIndex' | 'score'> {
  className: string;
}

export interface FrameMessage extends Omit<WireTracks, 'streamIndex' | 'sequence' | 'tracks'> {
  tracks: FrameTrack[];
}
