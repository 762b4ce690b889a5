import type { Session } from '../state/access.js';
import type { ServerConfig } from './camera-types.js';

/** Whether cameras can be changed from this page: null, or why they cannot. */
export function whyNotChange(session: Session | null, config: ServerConfig | null): string | null {
  if (session?.tokenNeeded && session.grant?.scopes !== 'all')
    return 'This page was opened with a token for viewing. Cameras are changed with the token of the configuration: log out, and in again with that one.';
  if (config && !config.source) return 'This server runs with a configuration that cannot change while it runs.';
  return null;
}

/** What whoever changes cameras should know beforehand; null: nothing. */
export function warningOf(config: ServerConfig | null): string | null {
  const source = config?.source;
  if (!source) return null;
  if (source.error)
    return `The configuration file has a fault, and until it is mended no camera can be changed: ${source.error.message}`;
  if (!source.persistent)
    return 'This server keeps nothing on disk: changes are forgotten when it ends. Start it with a configuration file, or with a state directory, to keep them.';
  return null;
}
