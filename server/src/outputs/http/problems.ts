import { STATUS_CODES } from 'node:http';

import { LanecastError } from '../../core/errors.js';

/** An error answer: `application/problem+json` (RFC 9457) with a stable `code`. */
export interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  code: string;
  detail: string;
  [extension: string]: unknown;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** An error that knows its HTTP status. */
export class HttpError extends LanecastError {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { headers?: Record<string, string>; extensions?: Record<string, unknown> } = {},
  ) {
    super(code, message);
    this.status = status;
    this.headers = more.headers ?? {};
    this.extensions = more.extensions ?? {};
  }
}

/** Status of each code that the outputs and the pipeline raise while they answer. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'stream-unknown': 404,
  'no-picture': 503,
  'models-unavailable': 503,
  'calibration-not-saved': 507,
  'config-not-saved': 507,
  'stream-exists': 409,
  'config-invalid': 409,
  'config-syntax': 409,
  'config-unreadable': 409,
  'config-not-editable': 409,
  'bad-url': 400,
  'url-redacted': 400,
  'token-not-saved': 507,
  'too-many-tokens': 409,
  'too-many-viewers': 503,
  'media-overloaded': 503,
  'too-many-subscribers': 503,
  'compositor-unavailable': 503,
  'sdp-malformed': 400,
  'offer-refused': 400,
  'fragment-malformed': 400,
  'stream-not-for-webrtc': 409,
  'offer-without-h264': 422,
  'ice-restart-unsupported': 422,
  'webrtc-disabled': 503,
  'whep-unavailable': 503,
};

/** Codes of errors that Fastify itself raises, by their status. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'request-invalid',
  408: 'request-timeout',
  413: 'body-too-large',
  414: 'url-too-long',
  415: 'media-type-unsupported',
  431: 'headers-too-large',
  503: 'shutting-down',
};

const RETRY_AFTER_S = '1';

/** What to answer to an error; `unexpected` if it is a defect of the server (to be logged, and not told in detail). */
export function problemOf(error: unknown): { problem: Problem; headers: Record<string, string>; unexpected: boolean } {
  if (error instanceof HttpError) {
    const problem = makeProblem(error.status, error.code, error.message, error.extensions);
    return { problem, headers: { ...error.headers }, unexpected: false };
  }
  if (error instanceof LanecastError) {
    const status = STATUS_OF_CODE[error.code];
    if (status !== undefined) {
      const headers: Record<string, string> = status === 503 ? { 'Retry-After': RETRY_AFTER_S } : {};
      return { problem: makeProblem(status, error.code, error.message), headers, unexpected: false };
    }
  }
  const status = statusOf(error);
  const code = CODE_OF_STATUS[status];
  if (code !== undefined && error instanceof Error)
    return { problem: makeProblem(status, code, error.message), headers: {}, unexpected: false };
  const problem = makeProblem(500, 'internal', 'The server failed to answer this request; its log says why');
  return { problem, headers: {}, unexpected: true };
}

export function makeProblem(
  status: number,
  code: string,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, ...extensions };
}

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}
