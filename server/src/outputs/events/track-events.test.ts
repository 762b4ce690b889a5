import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';

import { describe, expect, it } from 'vitest';

import type { TrackMessage } from '../../core/types.js';
import { ManualClock } from '../../core/testing.js';
import type { Pipeline, StreamListChange } from '../../pipeline/api.js';
import { TrackEvents } from './track-events.js';

class Response extends EventEmitter {
  text = '';
  writableNeedDrain = false;

  writeHead(): this {
    return this;
  }

  write(chunk: Uint8Array): boolean {
    this.text += Buffer.from(chunk).toString();
    return !this.writableNeedDrain;
  }

  end(): this {
    return this.destroy();
  }

  destroy(): this {
    this.emit('close');
    return this;
  }
}

function setUp(maxClients = 8) {
  const clock = new ManualClock();
  const listeners = new Set<(message: TrackMessage) => void>();
  const listListeners = new Set<(change: StreamListChange) => void>();
  let ids = ['a', 'b'];
  const pipeline = {
    streams: () => ids.map((id) => ({ id })),
    onStreams(listener: (change: StreamListChange) => void) {
      listListeners.add(listener);
      return () => listListeners.delete(listener);
    },
    onTracks(listener: (message: TrackMessage) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Pipeline;
  const events = new TrackEvents(pipeline, clock, maxClients);
  const connect = (ids: string[] | null = null): Response => {
    const response = new Response();
    events.serve(ids && new Set(ids), response as unknown as ServerResponse, {});
    return response;
  };
  const publish = (stream: string, ptsUs: number): void => {
    const message = { stream, ptsUs, rtpTimestamp: 0, epoch: 1, width: 2, height: 2, tracks: [] };
    for (const listener of listeners) listener(message);
  };
  const remove = (...removed: string[]): void => {
    ids = ids.filter((id) => !removed.includes(id));
    for (const listener of listListeners) listener({ added: [], removed });
  };
  return { clock, listeners, listListeners, events, connect, publish, remove };
}

describe('TrackEvents', () => {
  it('listens to the pipeline only while somebody listens to it', () => {
    const { listeners, events, connect } = setUp();
    expect(listeners.size).toBe(0);
    const [first, second] = [connect(), connect()];
    expect(listeners.size).toBe(1);
    first.destroy();
    expect(listeners.size).toBe(1);
    second.destroy();
    expect(listeners.size).toBe(0);
    expect(events.stats().clients).toBe(0);
  });

  it('tells who listens only to streams that were removed, and ends', () => {
    const { events, connect, publish, remove, listListeners } = setUp();
    const [all, both, only] = [connect(), connect(['a', 'b']), connect(['a'])];
    remove('a');
    expect(only.text).toContain('event: end\ndata: {"code":"stream-removed"');
    expect(events.stats().clients).toBe(2);
    publish('b', 1);
    for (const client of [all, both]) expect(client.text).toMatch(/^data: .*"stream":"b"/m);
    events.close();
    expect(listListeners.size).toBe(0);
  });

  it('sends each client what it asked for and counts what it sent, also after it has left', () => {
    const { events, connect, publish } = setUp();
    const all = connect();
    const some = connect(['a']);
    publish('a', 1);
    publish('b', 2);
    expect(all.text.match(/^data: /gm)).toHaveLength(2);
    expect(some.text.match(/^data: /gm)).toHaveLength(1);
    all.destroy();
    expect(events.stats()).toEqual({ clients: 1, sent: 3, replaced: 0 });
  });

  it('sends a comment each 15 s and cuts a client that has been stuck for a minute', () => {
    const { clock, events, connect, publish } = setUp();
    const good = connect();
    const stuck = connect();
    stuck.writableNeedDrain = true;
    publish('a', 1);
    good.text = '';
    clock.advance(15_000);
    expect(good.text).toBe(': keep-alive\n\n');
    clock.advance(45_000);
    expect(events.stats().clients).toBe(2);
    clock.advance(15_000);
    expect(events.stats().clients).toBe(1);
    good.destroy();
    clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses one client too many, and all when it is closed', () => {
    const { clock, events, connect } = setUp(1);
    connect();
    expect(() => connect()).toThrow(/which is the limit/);
    events.close();
    events.close();
    expect(events.stats().clients).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    expect(() => connect()).toThrow();
  });
});
