import { BitReader, BitstreamError, unescapeRbsp } from './bit-reader.js';
import { MAX_PARAMETER_SET_BYTES, MAX_PICTURE_SIDE_PX, type SequenceParameters } from './sequence-parameters.js';

/** Profiles whose parameter set has the chroma and scaling fields (H.264, 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const BASELINE = 66;
const MAX_REF_FRAMES_IN_CYCLE = 255;
const EXTENDED_SAR = 255;

/** Reads an H.264 sequence parameter set (7.3.2.1.1 and E.1.1), a NAL unit with its header. Null if it is malformed. */
export function parseH264Sps(nal: Uint8Array): SequenceParameters | null {
  if (nal.length < 4 || (nal[0]! & 0x1f) !== 7) return null;
  try {
    return read(new BitReader(unescapeRbsp(nal.subarray(1), MAX_PARAMETER_SET_BYTES)));
  } catch (error) {
    if (error instanceof BitstreamError) return null;
    throw error;
  }
}

function read(bits: BitReader): SequenceParameters | null {
  const profile = bits.bits(8);
  bits.skip(8);
  const level = bits.bits(8);
  const id = bits.unsignedUpTo(31);
  const chromaFormat = HIGH_PROFILES.has(profile) ? readChroma(bits) : 1;
  bits.unsignedUpTo(12); // log2_max_frame_num_minus4
  const pocType = bits.unsignedUpTo(2);
  if (pocType === 0) bits.unsignedUpTo(12);
  else if (pocType === 1) skipPocCycle(bits);
  const maxRefFrames = bits.unsignedUpTo(16);
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const widthMbs = bits.unsignedUpTo(MAX_PICTURE_SIDE_PX / 16) + 1;
  const mapUnits = bits.unsignedUpTo(MAX_PICTURE_SIDE_PX / 16) + 1;
  const frameMbsOnly = bits.bit();
  if (frameMbsOnly === 0) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const crop = bits.bit() === 1 ? readCrop(bits, chromaFormat, frameMbsOnly) : { x: 0, y: 0 };
  const widthPx = widthMbs * 16 - crop.x;
  const heightPx = mapUnits * 16 * (2 - frameMbsOnly) - crop.y;
  if (widthPx <= 0 || heightPx <= 0 || widthPx > MAX_PICTURE_SIDE_PX || heightPx > MAX_PICTURE_SIDE_PX) return null;
  const reorderFrames = readMaxReorderFrames(bits);
  // Output order is decoding order with pic_order_cnt_type 2, in the baseline profiles, and without reference frames.
  const cannotReorder = pocType === 2 || profile === BASELINE || maxRefFrames === 0;
  return { id, profile, level, widthPx, heightPx, mayReorder: !cannotReorder && reorderFrames !== 0 };
}

function readChroma(bits: BitReader): number {
  const chromaFormat = bits.unsignedUpTo(3);
  const separatePlanes = chromaFormat === 3 && bits.bit() === 1;
  bits.unsignedUpTo(6); // bit_depth_luma_minus8
  bits.unsignedUpTo(6); // bit_depth_chroma_minus8
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.bit() === 1) {
    const lists = chromaFormat === 3 ? 12 : 8;
    for (let i = 0; i < lists; i++) if (bits.bit() === 1) skipScalingList(bits, i < 6 ? 16 : 64);
  }
  return separatePlanes ? 0 : chromaFormat;
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let i = 0; i < size; i++) {
    const next = (((last + bits.signed()) % 256) + 256) % 256;
    if (next === 0) return;
    last = next;
  }
}

function skipPocCycle(bits: BitReader): void {
  bits.skip(1); // delta_pic_order_always_zero_flag
  bits.signed();
  bits.signed();
  const cycle = bits.unsignedUpTo(MAX_REF_FRAMES_IN_CYCLE);
  for (let i = 0; i < cycle; i++) bits.signed();
}

function readCrop(bits: BitReader, chromaFormat: number, frameMbsOnly: number): { x: number; y: number } {
  const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const unitY = (chromaFormat === 1 ? 2 : 1) * (2 - frameMbsOnly);
  const [left, right, top, bottom] = [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()];
  return { x: (left + right) * unitX, y: (top + bottom) * unitY };
}

/** max_num_reorder_frames of the VUI (E.1.1); null where it is not stated, also where the VUI is cut short. */
function readMaxReorderFrames(bits: BitReader): number | null {
  try {
    if (bits.bit() === 0) return null;
    return readVui(bits);
  } catch (error) {
    if (error instanceof BitstreamError) return null;
    throw error;
  }
}

function readVui(bits: BitReader): number | null {
  if (bits.bit() === 1 && bits.bits(8) === EXTENDED_SAR) bits.skip(32);
  if (bits.bit() === 1) bits.skip(1); // overscan
  if (bits.bit() === 1) {
    bits.skip(4); // video_format, video_full_range_flag
    if (bits.bit() === 1) bits.skip(24); // colour description
  }
  if (bits.bit() === 1) {
    bits.unsigned(); // chroma sample location
    bits.unsigned();
  }
  if (bits.bit() === 1) bits.skip(65); // timing: two times 32 bits and fixed_frame_rate_flag
  const nalHrd = bits.bit() === 1;
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.bit() === 1;
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
  if (bits.bit() === 0) return null;
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let i = 0; i < 4; i++) bits.unsigned();
  return bits.unsignedUpTo(16);
}

function skipHrd(bits: BitReader): void {
  const count = bits.unsignedUpTo(31) + 1;
  bits.skip(8);
  for (let i = 0; i < count; i++) {
    bits.unsigned();
    bits.unsigned();
    bits.skip(1);
  }
  bits.skip(20);
}
