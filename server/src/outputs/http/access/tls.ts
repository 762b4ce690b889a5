import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server as HttpsServer, ServerOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { LanecastError, messageOf } from '../../../core/errors.js';
import type { Log } from '../../../core/log.js';

/** How often renewed files are looked for. */
const WATCH_MS = 10_000;

export interface TlsFiles {
  /** PEM: the server's certificate, and those between it and its root. */
  certFile: string;
  /** PEM, without a passphrase. */
  keyFile: string;
}

/** Throws a LanecastError `tls-unusable` that names the file and what is wrong with it. */
export function readTls({ certFile, keyFile }: TlsFiles): ServerOptions {
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw unusable(`${path} cannot be read: ${messageOf(cause)}`, cause);
    }
  };
  const options = { cert: read(certFile), key: read(keyFile), minVersion: 'TLSv1.2' as const };
  try {
    // It also tells whether they belong together.
    createSecureContext(options);
  } catch (cause) {
    throw unusable(`${certFile} and ${keyFile} are no certificate and its key: ${messageOf(cause)}`, cause);
  }
  return options;
}

/**
 * Takes renewed files into use without a restart; connections that stand keep theirs. Files that cannot be used are
 * told of, and the old ones stay. The returned function ends the watching.
 */
export function followTls(files: TlsFiles, server: Pick<HttpsServer, 'setSecureContext'>, log: Log): () => void {
  const reload = (): void => {
    try {
      server.setSecureContext(readTls(files));
      log.info({}, `took the renewed certificate of ${files.certFile} into use`);
    } catch (error) {
      log.warn({}, `${messageOf(error)}; the certificate of before stays in use`);
    }
  };
  const paths = [files.certFile, files.keyFile];
  for (const path of paths) watchFile(path, { interval: WATCH_MS, persistent: false }, reload);
  return () => {
    for (const path of paths) unwatchFile(path, reload);
  };
}

function unusable(what: string, cause: unknown): LanecastError {
  return new LanecastError('tls-unusable', `TLS is configured (server.tls), but ${what}`, { cause });
}
