import type { DebugFault } from '@lanecast/server/ops/debug-faults';

/** Makes a fault happen in a server with `--debug-faults`. Rejects when it refuses. */
export async function causeFault(url: string, fault: DebugFault): Promise<void> {
  const headers = { 'Content-Type': 'application/json', Connection: 'close' };
  const response = await fetch(`${url}/api/debug/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
  const text = await response.text();
  if (response.status !== 204) throw new Error(`the server refused the fault: ${text}`);
}
