/** The server answered, but not with what was asked for. `status` 401: a token is needed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 6000;

/** Gets JSON. Rejects with an ApiError, or with the network's error when the server cannot be reached. */
export async function getJson<T>(path: string, timeoutMs = TIMEOUT_MS): Promise<T> {
  const response = await fetch(path, {
    cache: 'no-store',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new ApiError(response.status, `${path} answered ${response.status}`);
  return (await response.json()) as T;
}
