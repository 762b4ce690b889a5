/** ONNX Runtime in the browser compiles WebAssembly ('wasm-unsafe-eval' allows that, and no script) in workers. */
const POLICY =
  "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of the page that plays a video file of the visitor's own, which never leaves the browser. */
export const LAB_POLICY = `${POLICY}; media-src blob:`;

/**
 * Sent with every answer. Pictures override the last one, so that an `<img>` on another site may show them.
 * COOP and COEP isolate the pages: without them there are no WebAssembly threads.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
