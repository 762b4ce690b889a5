import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { StreamId } from '../../../config/schema.js';
import { HttpError } from '../problems.js';
import { SCOPES } from './grant.js';
import type { TokenVault } from './token-vault.js';

const BODY_LIMIT_BYTES = 16 << 10;
const MIN_TTL_S = 60;
const MAX_TTL_S = 10 * 366 * 24 * 3600;

const scope = v.picklist(SCOPES, `must be one of ${SCOPES.join(', ')}`);

const Wish = v.pipe(
  v.strictObject({
    scope: v.union(
      [scope, v.pipe(v.array(scope), v.minLength(1), v.maxLength(SCOPES.length))],
      `must be one of ${SCOPES.join(', ')}, or a list of them`,
    ),
    /** Seconds. */
    ttl: v.pipe(
      v.number(),
      v.integer(),
      v.minValue(MIN_TTL_S, `must be at least ${MIN_TTL_S} seconds`),
      v.maxValue(MAX_TTL_S, 'must be at most ten years, in seconds'),
    ),
    streams: v.optional(v.pipe(v.array(StreamId), v.minLength(1), v.maxLength(256))),
    label: v.optional(v.pipe(v.string(), v.maxLength(80)), ''),
  }),
  v.check(
    ({ scope: given, streams }) =>
      streams === undefined || ![given].flat().some((each) => ['view', 'metrics', 'lend'].includes(each)),
    '"streams" goes with pictures, tracks and live only: the others show all streams',
  ),
);

export interface TokenRouteDependencies {
  vault: TokenVault;
  hasToken: boolean;
  /** False: made tokens end with the server. */
  persistent: boolean;
}

/** `POST` and `GET /api/tokens`, `DELETE /api/tokens/:id`: for who has the token of the configuration. */
export function registerTokens(app: FastifyInstance, { vault, hasToken, persistent }: TokenRouteDependencies): void {
  const config = { access: { need: 'owner' } } as const;

  app.post('/api/tokens', { config, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    if (!hasToken)
      throw new HttpError(
        409,
        'no-token-set',
        'Without server.token everybody who can reach this server sees everything; set it (or LANECAST_TOKEN) first',
      );
    const wish = v.safeParse(Wish, request.body);
    if (!wish.success) {
      const [issue] = wish.issues;
      const where = v.getDotPath(issue);
      throw new HttpError(
        400,
        'token-wish-invalid',
        `${where ? `${where}: ` : ''}${issue.message}; send { "scope": "pictures", "ttl": 86400, "streams": ["id"] (optional), "label": "..." (optional) }`,
      );
    }
    const { scope: scopes, ttl, streams = null, label } = wish.output;
    const { token, info } = await vault.create({ scopes: [...new Set([scopes].flat())], streams, label, ttlS: ttl });
    return reply
      .code(201)
      .headers({ 'Cache-Control': 'no-store', Location: `/api/tokens/${info.id}` })
      .send({ ...shown(info), token, persistent });
  });
  app.get('/api/tokens', { config }, (_request, reply) =>
    reply.header('Cache-Control', 'no-store').send(vault.list().map(shown)),
  );
  app.delete('/api/tokens/:id', { config }, async (request, reply) => {
    const { id } = request.params as { id: string };
    if (await vault.revoke(id)) return reply.code(204).send();
    throw new HttpError(404, 'token-unknown', 'There is no such token (any more); GET /api/tokens lists them');
  });
}

function shown({ createdAtMs, expiresAtMs, ...rest }: ReturnType<TokenVault['list']>[number]) {
  return {
    ...rest,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
  };
}
