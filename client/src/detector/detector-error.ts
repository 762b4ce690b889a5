/** Why there is no detector in the browser; `code` is stable. */
export class DetectorError extends Error {
  override readonly name = 'DetectorError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
