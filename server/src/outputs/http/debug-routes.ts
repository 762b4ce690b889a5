import { setTimeout as sleep } from 'node:timers/promises';
import { trimMemory } from '@lanecast/native';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';

import { LanecastError } from '../../core/errors.js';
import { causeDebugFault, DebugFault } from '../../ops/debug-faults.js';
import { isLoopback } from './access/hosts.js';
import { isOwnOrigin } from './origin.js';
import { HttpError } from './problems.js';

/** Throws a LanecastError `debug-faults-exposed` for an address that others can reach: they could stop the server. */
export function requireLoopbackForFaults(host: string): void {
  if (isLoopback(host)) return;
  throw new LanecastError(
    'debug-faults-exposed',
    `--debug-faults on ${host} would let the network stop this server; it is for tests: listen on 127.0.0.1`,
  );
}

/** By then every thread has collected. */
const COLLECTED_MS = 1000;

/** `POST /api/debug/faults`: makes a fault happen (`DebugFault`). Only with `--debug-faults`. */
export function registerDebugFaults(app: FastifyInstance, allowedHosts: readonly string[]): void {
  app.post('/api/debug/faults', async (request, reply) => {
    const { origin, host } = request.headers;
    if (!isOwnOrigin(origin, host, allowedHosts))
      throw new HttpError(403, 'origin-not-allowed', 'A page of another site asks for this');
    const parsed = v.safeParse(DebugFault, request.body);
    if (!parsed.success) throw new HttpError(400, 'fault-unknown', parsed.issues[0].message);
    causeDebugFault(parsed.output);
    if (parsed.output.fault === 'collect-garbage') {
      await sleep(COLLECTED_MS);
      await trimMemory();
    }
    return reply.code(204).send();
  });
}
