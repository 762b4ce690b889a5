import { BitReader, BitstreamError, unescapeRbsp } from './bit-reader.js';
import { MAX_PARAMETER_SET_BYTES, MAX_PICTURE_SIDE_PX, type SequenceParameters } from './sequence-parameters.js';

/** Reads an H.265 sequence parameter set (7.3.2.2), a NAL unit with its header. Null if it is malformed. */
export function parseH265Sps(nal: Uint8Array): SequenceParameters | null {
  if (nal.length < 4 || ((nal[0]! >> 1) & 0x3f) !== 33) return null;
  try {
    return read(new BitReader(unescapeRbsp(nal.subarray(2), MAX_PARAMETER_SET_BYTES)));
  } catch (error) {
    if (error instanceof BitstreamError) return null;
    throw error;
  }
}

function read(bits: BitReader): SequenceParameters | null {
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  const { profile, level } = readProfileTierLevel(bits, subLayers);
  const id = bits.unsignedUpTo(15);
  const chromaFormat = bits.unsignedUpTo(3);
  const separatePlanes = chromaFormat === 3 && bits.bit() === 1;
  let widthPx = bits.unsignedUpTo(MAX_PICTURE_SIDE_PX);
  let heightPx = bits.unsignedUpTo(MAX_PICTURE_SIDE_PX);
  if (bits.bit() === 1) {
    const unitX = (chromaFormat === 1 || chromaFormat === 2) && !separatePlanes ? 2 : 1;
    const unitY = chromaFormat === 1 && !separatePlanes ? 2 : 1;
    widthPx -= (bits.unsigned() + bits.unsigned()) * unitX;
    heightPx -= (bits.unsigned() + bits.unsigned()) * unitY;
  }
  if (widthPx <= 0 || heightPx <= 0) return null;
  bits.unsignedUpTo(8); // bit_depth_luma_minus8
  bits.unsignedUpTo(8); // bit_depth_chroma_minus8
  bits.unsignedUpTo(12); // log2_max_pic_order_cnt_lsb_minus4
  const ordersPresent = bits.bit() === 1;
  let reorderPictures = 0;
  for (let i = ordersPresent ? 0 : subLayers; i <= subLayers; i++) {
    bits.unsigned(); // sps_max_dec_pic_buffering_minus1
    reorderPictures = bits.unsigned();
    bits.unsigned(); // sps_max_latency_increase_plus1
  }
  return { id, profile, level, widthPx, heightPx, mayReorder: reorderPictures > 0 };
}

/** 7.3.3, with profilePresentFlag 1. */
function readProfileTierLevel(bits: BitReader, subLayers: number): { profile: number; level: number } {
  bits.skip(3); // general_profile_space, general_tier_flag
  const profile = bits.bits(5);
  bits.skip(80); // compatibility and constraint flags
  const level = bits.bits(8);
  const present: { profile: boolean; level: boolean }[] = [];
  for (let i = 0; i < subLayers; i++) present.push({ profile: bits.bit() === 1, level: bits.bit() === 1 });
  if (subLayers > 0) bits.skip((8 - subLayers) * 2);
  for (const layer of present) bits.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0));
  return { profile, level };
}
