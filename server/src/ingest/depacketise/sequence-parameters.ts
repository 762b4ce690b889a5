/** What a sequence parameter set tells about the pictures. */
export interface SequenceParameters {
  /** seq_parameter_set_id */
  id: number;
  /** profile_idc, H.265: general_profile_idc */
  profile: number;
  /** level_idc, H.265: general_level_idc */
  level: number;
  /** Of the cropped picture, as it is shown. */
  widthPx: number;
  heightPx: number;
  /**
   * Whether pictures may be shown in another order than they are sent (B-frames). Without a promise in the parameter
   * set it is true for the profiles and modes that allow it: then the pictures have to tell.
   */
  mayReorder: boolean;
}

/** A picture beyond this is taken for garbage. */
export const MAX_PICTURE_SIDE_PX = 16_384;
/** No real parameter set comes near it. */
export const MAX_PARAMETER_SET_BYTES = 4096;
