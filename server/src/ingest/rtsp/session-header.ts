/** The Session header of an answer to SETUP (RFC 2326, section 12.37). */
export interface RtspSessionInfo {
  id: string;
  /** After this long without a request the server may end the session. */
  timeoutS: number;
}

const DEFAULT_TIMEOUT_S = 60;

/** `1234;timeout=30`; null if the id is missing or could not be sent back as it is. */
export function parseSessionHeader(header: string): RtspSessionInfo | null {
  const [id, ...parameters] = header.split(';', 8).map((part) => part.trim());
  if (!/^[\u0021-\u007e]{1,256}$/.test(id!)) return null;
  for (const parameter of parameters) {
    const timeout = /^timeout\s*=\s*(\d{1,9})$/i.exec(parameter);
    if (timeout) return { id: id!, timeoutS: Math.min(3600, Math.max(1, Number(timeout[1]))) };
  }
  return { id: id!, timeoutS: DEFAULT_TIMEOUT_S };
}
