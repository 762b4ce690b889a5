export type NativeErrorCode = 'nms-backend-missing';

/** The message says what was asked for, why it is not there and what to do. */
export class NativeError extends Error {
  override readonly name = 'NativeError';

  constructor(
    readonly code: NativeErrorCode,
    message: string,
  ) {
    super(message);
  }
}
