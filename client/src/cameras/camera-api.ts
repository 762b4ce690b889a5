import { ApiError, getJson } from '../state/api.js';
import type { CameraConfig, ProbeResult, ServerConfig } from './camera-types.js';
import type { Problem } from './problem-words.js';

const EDIT_TIMEOUT_MS = 10_000;
/** The server gives up after eight seconds, and says goodbye to the camera. */
const PROBE_TIMEOUT_MS = 15_000;

/** What the server said against a change. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** What became of a change; `persisted` false: it is forgotten when the server ends. */
export interface EditAnswer {
  id: string;
  persisted: boolean;
}

/** All reject with a RefusedError, or with the network's error when the server cannot be reached. */
export const cameraApi = {
  config: (): Promise<ServerConfig> => getJson<ServerConfig>('/api/config'),
  add: (camera: CameraConfig): Promise<EditAnswer> => send('POST', '/api/streams', camera),
  replace: (camera: CameraConfig): Promise<EditAnswer> => send('PUT', pathOf(camera.id), camera),
  remove: (id: string): Promise<EditAnswer> => send('DELETE', pathOf(id)),
  /** `id`: of the camera that is changed, whose saved password is tried. */
  probe: (camera: CameraConfig, id: string | null, signal: AbortSignal): Promise<ProbeResult> => {
    const { url, transport, tlsAllowSelfSigned } = camera;
    const body = { url, ...(id !== null && { id }), ...(transport && { transport }) };
    const all = { ...body, ...(tlsAllowSelfSigned !== undefined && { tlsAllowSelfSigned }) };
    return send('POST', '/api/probe', all, AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]));
  },
};

/** Why something failed, as a problem: the server's own, or that it was not reached. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RefusedError) return error.problem;
  if (error instanceof ApiError) return { code: 'refused', detail: `The server refused it (${error.status})` };
  return { code: 'unreachable', detail: 'The server does not answer. Try again when it does.' };
}

function pathOf(id: string): string {
  return `/api/streams/${encodeURIComponent(id)}`;
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, {
    method,
    cache: 'no-store',
    signal: signal ?? AbortSignal.timeout(EDIT_TIMEOUT_MS),
    ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => null)) as Problem | null;
  throw new RefusedError(
    typeof problem?.code === 'string' && typeof problem.detail === 'string'
      ? problem
      : { code: 'refused', detail: `The server refused it (${response.status})` },
  );
}
