/** One coded picture with everything that belongs to it: what a decoder takes in one go. */
export interface AccessUnit {
  /**
   * Annex-B: every NAL unit behind a start code of four bytes. A keyframe or recovery point that came without its
   * parameter sets has the last known ones put in. Belongs to the receiver of the unit.
   */
  data: Uint8Array;
  /** As on the wire, 32 bits. */
  rtpTimestamp: number;
  /** H.264: an IDR picture; H.265: an IRAP picture. */
  isKeyframe: boolean;
  /** Decoding may begin here although it is no keyframe (recovery point SEI: intra refresh, open groups of pictures). */
  isRecoveryPoint: boolean;
  /** A part of this unit is missing. */
  damaged: boolean;
  /** Packets missing between the unit before and this one: pictures that this one refers to may be missing. */
  lostBefore: number;
  /** The sender started anew: nothing before this unit relates to it, timestamps included. */
  sourceReset: boolean;
  /** `data` holds every kind of parameter set that a decoder needs. */
  hasParameterSets: boolean;
  /** A parameter set of this unit differs from the one known before (new size, other encoder settings). */
  parameterSetsChanged: boolean;
  /** Types of the NAL units as received, at most 256. */
  nalTypes: readonly number[];
  /** The RTP packets as they came. */
  packets: readonly Uint8Array[];
  /** Arrival of the last packet; monotonic. */
  receivedAtMs: number;
  /** What ended the unit: the marker bit at once, else the first packet of the next unit, or flush(). */
  endedBy: 'marker' | 'timestamp' | 'flush';
}
