/** Traffic videos that may be used freely, and where they are. */

export interface VideoSource {
  /** File name in the cache. */
  name: string;
  url: string;
  licence: string;
  /** Whom to name. */
  attribution: string;
  /** Less than this cannot be the whole video. */
  minBytes: number;
}

const INTEL = 'https://raw.githubusercontent.com/intel-iot-devkit/sample-videos/master';
const INTEL_ATTRIBUTION = 'Intel IoT DevKit, https://github.com/intel-iot-devkit/sample-videos';
const CC_BY_4 = 'CC BY 4.0, https://creativecommons.org/licenses/by/4.0/';

export const SOURCES: readonly VideoSource[] = [
  {
    name: 'car-detection.mp4',
    url: `${INTEL}/car-detection.mp4`,
    licence: CC_BY_4,
    attribution: INTEL_ATTRIBUTION,
    minBytes: 500_000,
  },
  {
    name: 'person-bicycle-car-detection.mp4',
    url: `${INTEL}/person-bicycle-car-detection.mp4`,
    licence: CC_BY_4,
    attribution: INTEL_ATTRIBUTION,
    minBytes: 500_000,
  },
];
