/** Takes credentials out of text that people will see. */

/** `rtsp://user:secret@host/path` -> `rtsp://host/path`, for every URL in `text`. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1');
}
