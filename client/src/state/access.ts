/** Logging in and out. The session is a cookie that no script can read: requests, pictures and sockets carry it. */

const SESSION = '/api/session';

export type LoginFailure = 'wrong' | 'not-for-dashboard' | 'wait' | 'unreachable';

/** What this browser may do. */
export interface Session {
  /** False: the server asks nobody for a token. */
  tokenNeeded: boolean;
  /** null: nobody is logged in. */
  grant: { id: string; scopes: 'all' | readonly string[] } | null;
}

const TIMEOUT_MS = 6000;
/** A page that nobody sits at logs in when the server can be reached, or has patience again. */
const TRY_AGAIN_MS = 10_000;

/**
 * Logs in with a token in the address (`?token=`), and takes it out of there. Resolves with the first answer, or without one
 * after a while; goes on trying then.
 */
export async function takeToken(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const given = query.get('token');
  if (given === null) return;
  query.delete('token');
  const rest = query.toString();
  history.replaceState(null, '', location.pathname + (rest ? `?${rest}` : '') + location.hash);
  if (isPassing(await logIn(given))) void logInLater(given);
}

const isPassing = (failure: LoginFailure | null): boolean => failure === 'unreachable' || failure === 'wait';

async function logInLater(token: string): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  while (isPassing(await logIn(token)));
}

/** null: it worked. `wait`: too many wrong tokens came from here. */
export async function logIn(token: string): Promise<LoginFailure | null> {
  try {
    const { ok, status } = await fetch(SESSION, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (ok) return null;
    return status === 429 ? 'wait' : status === 403 ? 'not-for-dashboard' : 'wrong';
  } catch {
    return 'unreachable';
  }
}

export async function logOut(): Promise<void> {
  await fetch(SESSION, { method: 'DELETE' });
}
