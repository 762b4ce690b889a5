import { logOut, type Session } from './access.js';
import { getJson } from './api.js';

/** Far less than a session lasts: the server may be away for days. */
const KEEP_EVERY_MS = 6 * 3_600_000;

/** What this browser may do, as the page shows it. */
class SessionState {
  current = $state.raw<Session | null>(null);

  /** There is a session that can be ended. */
  get canEnd(): boolean {
    return this.current?.tokenNeeded === true && this.current.grant !== null;
  }

  async load(): Promise<void> {
    this.current = await getJson<Session>('/api/session').catch(() => this.current);
  }

  /** The server prolongs a session that is asked for, so that a page on a wall is never logged out. */
  keep(): void {
    void this.load();
    setInterval(() => void this.load(), KEEP_EVERY_MS);
  }

  /** Everything that is shown was for who was logged in: the page begins anew. */
  async end(): Promise<void> {
    await logOut();
    location.reload();
  }
}

export const session = new SessionState();
