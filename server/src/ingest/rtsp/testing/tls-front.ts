import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

/** Makes the certificates of `openTlsFront`. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A TLS server with a self-signed certificate before the TCP server at `targetPort` of this machine. */
export async function openTlsFront(targetPort: number): Promise<{ port: number; close: () => Promise<void> }> {
  const front = tls.createServer(selfSigned(), (outer) => {
    const inner = net.connect(targetPort, '127.0.0.1');
    outer.on('error', () => inner.destroy());
    inner.on('error', () => outer.destroy());
    outer.pipe(inner).pipe(outer);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return {
    port: (front.address() as net.AddressInfo).port,
    close: () => new Promise((resolve) => void front.close(() => resolve())),
  };
}

function selfSigned(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(path.join(tmpdir(), 'lanecast-tls-'));
  try {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=camera', '-days', '2'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
