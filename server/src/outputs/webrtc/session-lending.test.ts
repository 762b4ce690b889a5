import { beforeEach, describe, expect, it } from 'vitest';
import type { LeaseTerms } from '../../core/signalling/messages.js';
import type { Lending, Visitor } from '../../pipeline/lending/lending-desk.js';
import { SessionLending, type SessionLendingOptions } from './session-lending.js';

const OFFER = { backend: 'webgpu', detectionsPerS: 60, model: 'ab'.repeat(32) } as const;
const LEASE: LeaseTerms = { stream: 'north', lease: 3, scoreThreshold: 0.1, maxRows: 300 };

describe('SessionLending', () => {
  let calls: string[];
  let told: [LeaseTerms[], string | null][];
  let lent: [boolean, readonly string[]][];
  let visitor: Visitor | null;
  const desk: Pick<Lending, 'open'> = {
    open: (given) => {
      visitor = given;
      calls.push(`open ${given.identity}`);
      return {
        lend: (offer) => void calls.push(offer ? 'lend' : 'withdraw'),
        watch: (streams) => void calls.push(`watch ${streams.join()}`),
        receive: (message) => void calls.push(`receive ${message.length}`),
        flooded: () => void calls.push('flooded'),
        leave: () => void calls.push('leave'),
      };
    },
  };

  function open(more: Partial<SessionLendingOptions> = {}): SessionLending {
    return new SessionLending({
      rights: { lend: true },
      desk: desk as Lending,
      identity: '10.0.0.9',
      acceptsModel: (sha256) => Promise.resolve(sha256 === OFFER.model),
      media: { setLent: (_viewer, mayLend, streams) => void lent.push([mayLend, streams]) },
      viewer: () => 7,
      tell: (leases, reason) => void told.push([leases, reason]),
      ...more,
    });
  }

  beforeEach(() => {
    calls = [];
    told = [];
    lent = [];
    visitor = null;
  });

  it('sits down at the desk with what it watches, passes leases on, and leaves', async () => {
    const lending = open();
    lending.receive(new Uint8Array(4));
    lending.watch(['north']);
    await lending.offer(OFFER);
    expect(calls).toEqual(['open 10.0.0.9', 'watch north', 'lend']);
    visitor!.onLeases([LEASE], null);
    expect(told).toEqual([[[LEASE], null]]);
    expect(lent).toEqual([[true, ['north']]]);
    expect([...lending.streams]).toEqual(['north']);
    lending.watch(['north', 'south']);
    lending.receive(new Uint8Array(4));
    lending.flooded();
    await lending.offer(null);
    expect(calls.slice(3)).toEqual(['watch north,south', 'receive 4', 'flooded', 'withdraw']);
    expect(lent.at(-1)).toEqual([false, []]);
    lending.close();
    lending.close();
    expect(calls.slice(7)).toEqual(['leave']);
    visitor!.onLeases([LEASE], null);
    expect(told).toHaveLength(2);
  });

  it.each<[string, Partial<SessionLendingOptions>, RegExp]>([
    ['without the right', { rights: { lend: false } }, /may watch, but not lend/],
    ['where the server takes none', { desk: null }, /--detector auto or browser/],
    ['before there is a connection', { viewer: () => null }, /not there yet/],
    ['with another model', { acceptsModel: () => Promise.resolve(false) }, /another model/],
    ['where models cannot be told', { acceptsModel: () => Promise.reject(new Error('no disk')) }, /no disk/],
  ])('is refused %s, and told why', async (_, options, reason) => {
    const lending = open(options);
    await lending.offer(OFFER);
    expect(calls).toEqual([]);
    expect(told).toHaveLength(1);
    expect(told[0]![0]).toEqual([]);
    expect(told[0]![1]).toMatch(reason);
  });
});
