const SECONDS_1900_TO_1970 = 2_208_988_800;

/** A time since 1970 as an NTP timestamp (RFC 5905, 6): seconds since 1900 in the upper 32 bits, their fraction below. */
export function ntpTimestamp(epochMs: number): bigint {
  const seconds = Math.floor(epochMs / 1000);
  const fraction = Math.floor((epochMs / 1000 - seconds) * 2 ** 32);
  return (BigInt((seconds + SECONDS_1900_TO_1970) % 2 ** 32) << 32n) | BigInt(fraction);
}
