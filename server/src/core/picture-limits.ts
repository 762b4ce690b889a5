/**
 * The largest luma picture of any level of H.264 (6.2, table A-1: 139,264 macroblocks) and H.265 (6.2, table A.8), 8K.
 * FFmpeg alone allows seven times as much: a few bytes of a hostile or broken camera then cost gigabytes and seconds.
 */
export const MAX_PICTURE_PIXELS = 35_651_584;

/** What is decoded unless the configuration says otherwise: the largest picture of level 5.1, 4096x2304. */
export const DEFAULT_PICTURE_PIXELS = 4096 * 2304;
