/** Entry of a process with an embedded RTSP server that plays cameras until its parent lets go of it. */
import { messageOf } from '@lanecast/server/core/errors';
import { publishInProcess } from '@lanecast/scripts/publish/in-process-publisher';
import type { ClipPublisher } from '@lanecast/scripts/publish/publisher';
import { Faults } from '@lanecast/scripts/rtsp-server/faults';
import { RtspServer } from '@lanecast/scripts/rtsp-server/server';
import { applyFault } from './fault-orders.js';
import type { CameraAnswer, CameraOrder } from './messages.js';

const READY_TIMEOUT_MS = 20_000;

const host = process.argv[2] ?? '127.0.0.1';
const server = await RtspServer.listen({ host, port: 0 });
const faults = new Faults(server);
const publishers = new Map<string, ClipPublisher>();
const answer = (message: CameraAnswer): void => void process.send?.(message);

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${READY_TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const flows = (path: string): boolean => server.paths().some((each) => each.path === path && each.rtpPackets > 0);

async function obey(order: CameraOrder): Promise<CameraAnswer> {
  switch (order.kind) {
    case 'publish':
      for (const { path, clip } of order.cameras)
        publishers.set(path, publishInProcess({ clip, url: server.url(path), log: () => undefined }));
      for (const { path } of order.cameras) await until(() => flows(path), `${path} is published`);
      break;
    case 'unpublish':
      await publishers.get(order.path)?.close();
      publishers.delete(order.path);
      await until(() => !server.paths().some(({ path }) => path === order.path), `${order.path} is gone`);
      break;
    case 'fault':
      applyFault(faults, order.path, order.fault);
      break;
    case 'clear':
      faults.clear(order.path);
      break;
    case 'sent':
      return { kind: 'sent', paths: server.paths() };
  }
  return { kind: 'done', base: server.url('').replace(/\/$/, '') };
}

// One after the other, so that answers come in the order of the questions.
let work: Promise<void> = Promise.resolve();
process.on('message', (order: CameraOrder) => {
  work = work
    .then(() => obey(order))
    .catch((error: unknown): CameraAnswer => ({ kind: 'failed', message: messageOf(error) }))
    .then(answer);
});
process.on('disconnect', () => {
  void Promise.all([...publishers.values()].map((publisher) => publisher.close()))
    .then(() => server.close())
    .finally(() => process.exit());
});
// The parent closes its cameras itself when it is interrupted.
process.on('SIGINT', () => undefined);
