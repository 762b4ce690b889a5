import type { SequenceParameters } from './sequence-parameters.js';

export type VideoCodec = 'h264' | 'h265';

/** Kinds of parameter sets, in the order in which a decoder needs them. */
export type ParameterSetKind = 'vps' | 'sps' | 'pps';

/** What is known of a NAL unit from its first bytes. */
export interface NalInfo {
  type: number;
  /** A slice of a coded picture. */
  isPicture: boolean;
  /** Of a picture that decoding can begin with: H.264 IDR, H.265 IRAP. */
  isKeyframe: boolean;
  /** Nothing of the same access unit can come before it: the first slice of a picture, or a unit that precedes it. */
  startsAccessUnit: boolean;
  parameterSet: ParameterSetKind | null;
  isDelimiter: boolean;
  isSei: boolean;
}

/** A part of a NAL unit. */
export interface NalFragment {
  /** Of the NAL unit. */
  type: number;
  /** The NAL unit's own header, put together again; `data` of the first fragment follows it. */
  header: Uint8Array;
  data: Uint8Array;
  start: boolean;
  end: boolean;
}

/** Receives the NAL units that an RTP payload holds, whole or in parts. */
export interface PayloadSink {
  /** A whole NAL unit, with its header. */
  nal(nal: Uint8Array): void;
  fragment(fragment: NalFragment): void;
  /** What does not follow the format; it is left out. */
  malformed(): void;
  /** Follows the format, but a part of it that is not supported. */
  unsupported(): void;
}

/** All that differs between the codecs. */
export interface CodecRules {
  codec: VideoCodec;
  /** Bytes of a NAL unit's header. */
  nalHeaderBytes: number;
  /** Kinds that a decoder needs before a keyframe. */
  parameterSetKinds: readonly ParameterSetKind[];
  /** Takes an RTP payload apart. Never throws; linear in the payload's length. */
  readPayload(payload: Uint8Array, sink: PayloadSink): void;
  /** @param nal at least the header; the start of a NAL unit is enough */
  inspect(nal: Uint8Array): NalInfo;
  /** The id under which a parameter set is known, or null if it is malformed. */
  parameterSetId(nal: Uint8Array, kind: ParameterSetKind): number | null;
  parseSps(nal: Uint8Array): SequenceParameters | null;
}

export const MALFORMED_NAL: NalInfo = {
  type: -1,
  isPicture: false,
  isKeyframe: false,
  startsAccessUnit: false,
  parameterSet: null,
  isDelimiter: false,
  isSei: false,
};
