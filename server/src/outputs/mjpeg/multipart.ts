/** The framing of a motion-JPEG stream: `multipart/x-mixed-replace`, in the syntax of RFC 2046, section 5.1. */

const BOUNDARY = 'lanecast';
const DELIMITER = `--${BOUNDARY}\r\n`;
const TYPE = 'Content-Type: image/jpeg\r\n';

export const MULTIPART_CONTENT_TYPE = `multipart/x-mixed-replace; boundary=${BOUNDARY}`;

/** How pictures become parts. */
export interface Framing {
  /** What precedes the first picture. */
  readonly preamble: Buffer;
  /** All that is to be sent for one picture, at once. */
  readonly frame: (jpeg: Buffer) => Uint8Array[];
}

const END_OF_PART = Buffer.from(`\r\n${DELIMITER}`);

/** Every part says its length; the delimiter follows at once, for readers that wait for it. */
export const LENGTH_FRAMING: Framing = {
  preamble: Buffer.from(DELIMITER),
  frame: (jpeg) => [Buffer.from(`${TYPE}Content-Length: ${jpeg.length}\r\n\r\n`), jpeg, END_OF_PART],
};

const END_AND_NEXT_HEAD = Buffer.from(`\r\n${DELIMITER}${TYPE}\r\n`);

/**
 * The head of the next part follows each picture at once, and so cannot say a length. Chromium shows a part only when
 * it has read the head of the next one, delimiter and blank line included (seen in version 156): with a head that
 * waits for its picture every picture would be shown one late, which at one picture a second is a second.
 */
export const BROWSER_FRAMING: Framing = {
  preamble: Buffer.from(`${DELIMITER}${TYPE}\r\n`),
  frame: (jpeg) => [jpeg, END_AND_NEXT_HEAD],
};

/**
 * Browsers name image types in `Accept` when they load an `<img>` or a page. Everything else (curl, FFmpeg, recorders)
 * does not, and may rely on Content-Length.
 */
export function framingFor(acceptHeader: string | undefined): Framing {
  return /\bimage\//i.test(acceptHeader ?? '') ? BROWSER_FRAMING : LENGTH_FRAMING;
}
