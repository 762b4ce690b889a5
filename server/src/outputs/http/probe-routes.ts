import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { keepCredentials } from '../../config/keep-credentials.js';
import { RtspUrl, StreamId } from '../../config/schema.js';
import type { Clock } from '../../core/clock.js';
import { probeCamera } from '../../ingest/camera-probe.js';
import { requireOwnPage } from './own-page.js';
import { HttpError } from './problems.js';
import { type ConfigControl, parseStream } from './stream-routes.js';

const BODY_LIMIT_BYTES = 8 << 10;
/** A person tries one at a time; more would be a way to look around in the cameras' network. */
const MAX_PROBES = 2;

const ProbeRequest = v.strictObject({
  /** Of the camera that is being changed: an address without its password means the saved one. */
  id: v.optional(StreamId),
  url: RtspUrl,
  transport: v.optional(v.picklist(['tcp', 'udp'])),
  tlsAllowSelfSigned: v.optional(v.boolean()),
});

export interface ProbeRouteDependencies {
  control: Pick<ConfigControl, 'config'>;
  allowedHosts: readonly string[];
  clock: Clock;
}

/**
 * `POST /api/probe`: asks a camera as a stream would, and tells what it sends or why it does not, before anything is
 * saved. For the owner only, who can add the camera and learn the same. A camera that does not answer is a result (200).
 */
export function registerProbe(app: FastifyInstance, { control, allowedHosts, clock }: ProbeRouteDependencies): void {
  let running = 0;
  const options = { onRequest: requireOwnPage(allowedHosts), bodyLimit: BODY_LIMIT_BYTES };
  app.post('/api/probe', options, async (request, reply) => {
    const { id, url, transport, tlsAllowSelfSigned = false } = parseStream(ProbeRequest, request.body);
    const { streams, ingest } = control.config;
    const saved = streams.find((stream) => stream.id === id);
    const address = saved ? keepCredentials(saved.url, url) : url;
    if (running >= MAX_PROBES)
      throw new HttpError(429, 'too-many-probes', `${MAX_PROBES} cameras are being tested already; try again shortly`, {
        headers: { 'Retry-After': '5' },
      });
    const gone = new AbortController();
    const onClose = (): void => gone.abort();
    reply.raw.once('close', onClose);
    running++;
    try {
      const result = await probeCamera(
        {
          url: address,
          transport: transport ?? ingest.transport,
          tlsAllowSelfSigned,
          maxPicturePixels: ingest.maxPicturePixels,
          signal: gone.signal,
        },
        clock,
      );
      return await reply.header('Cache-Control', 'no-store').send(result);
    } finally {
      running--;
      reply.raw.off('close', onClose);
    }
  });
}
