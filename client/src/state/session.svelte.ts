import { logOut, type Session } from './access.js';
import { getJson } from './api.js';

/** What this browser may do, as the page shows it. */
class SessionState {
  current = $state.raw<Session | null>(null);

  /** There is a session that can be ended. */
  get canEnd(): boolean {
    return this.current?.tokenNeeded === true && this.current.grant !== null;
  }

  async load(): Promise<void> {
    this.current = await getJson<Session>('/api/session').catch(() => null);
  }

  /** Everything that is shown was for who was logged in: the page begins anew. */
  async end(): Promise<void> {
    await logOut();
    location.reload();
  }
}

export const session = new SessionState();
