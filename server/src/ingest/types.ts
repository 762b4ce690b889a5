/** The codecs that are ingested. */
export type VideoCodec = 'h264' | 'h265';
