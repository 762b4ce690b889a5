import type { Clock } from '../../core/clock.js';
import type { Pipeline, Tile } from '../../pipeline/api.js';
import type { Rect, TileLayout } from './layout.js';
import type { ComposedJpeg, TileSpec, ToCompositor } from './protocol.js';

/** After the last client has left, tiles stay open this long: a page that is reloaded finds a running view. */
export const LINGER_MS = 2000;

/** What a view shows and where. */
export interface ViewPlan {
  width: number;
  height: number;
  tiles: (TileLayout & { streamId: string })[];
  spare: Rect[];
}

/** Somebody who watches a view. */
export interface ViewClient {
  onJpeg(jpeg: Buffer, missing: number): void;
}

/** The newest JPEG of a view. */
export interface ViewJpeg {
  jpeg: Buffer;
  missing: number;
  atMs: number;
}

interface OpenTile {
  spec: TileSpec;
  tile: Tile;
}

let nextTileId = 1;

/** One composed picture stream and its clients. Tiles are open, and the compositor draws, only while it has any. */
export class View {
  readonly id: string;
  readonly #pipeline: Pipeline;
  readonly #plan: () => ViewPlan;
  readonly #post: (message: ToCompositor) => void;
  readonly #clock: Clock;
  readonly #clients = new Set<ViewClient>();
  #open: OpenTile[] = [];
  /** Null while the view is closed. */
  #shown: { plan: ViewPlan; key: string } | null = null;
  #latest: ViewJpeg | null = null;
  #cancelLinger: (() => void) | null = null;
  #frozen: string | null = null;

  constructor(
    id: string,
    pipeline: Pipeline,
    plan: () => ViewPlan,
    post: (message: ToCompositor) => void,
    clock: Clock,
  ) {
    this.id = id;
    this.#pipeline = pipeline;
    this.#plan = plan;
    this.#post = post;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#shown !== null;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** The newest JPEG while the view is open. */
  get latest(): ViewJpeg | null {
    return this.#latest;
  }

  /** Adds a client; it gets the newest JPEG at once if there is one. Returns the function that removes it. */
  watch(client: ViewClient): () => void {
    this.#cancelLinger?.();
    this.#cancelLinger = null;
    if (!this.isOpen) this.refresh();
    else if (this.#latest) client.onJpeg(this.#latest.jpeg, this.#latest.missing);
    this.#clients.add(client);
    return () => {
      if (!this.#clients.delete(client) || this.#clients.size > 0 || !this.isOpen) return;
      this.#cancelLinger?.();
      this.#cancelLinger = this.#clock.after(LINGER_MS, () => this.close());
    };
  }

  /** The stream that was shown when it was removed; null while the view is of streams there are. */
  get frozenStream(): string | null {
    return this.#frozen;
  }

  /** Its only stream is gone: what is shown stays as it is until the view is closed. */
  freeze(streamId: string): void {
    this.#frozen = streamId;
  }

  /** Adapts to sizes or streams that have changed. Tiles that stay the same stay open. */
  refresh(): void {
    if (this.#frozen !== null) return;
    const plan = this.#plan();
    const key = JSON.stringify(plan);
    if (key === this.#shown?.key) return;
    const old = this.#open;
    this.#open = plan.tiles.map((layout) => {
      const { streamId, picture } = layout;
      const index = old.findIndex(
        ({ spec, tile }) =>
          spec.streamId === streamId && tile.width === picture.width && tile.height === picture.height,
      );
      const kept = index >= 0 ? old.splice(index, 1)[0]! : null;
      const tile = kept?.tile ?? this.#pipeline.openTile(streamId, picture.width, picture.height);
      const tileId = kept?.spec.tileId ?? nextTileId++;
      return { tile, spec: { ...layout, tileId, slots: tile.slots.shared } };
    });
    this.#shown = { plan, key };
    this.#announce(plan);
    for (const { tile } of old) tile.close();
  }

  /** The compositor thread is a new one: free what the dead one held and tell the new one what to draw. */
  reopen(): void {
    if (!this.#shown) return;
    for (const { tile } of this.#open) tile.slots.reclaim();
    this.#announce(this.#shown.plan);
  }

  deliver({ jpeg, missing }: ComposedJpeg): void {
    if (!this.isOpen) return;
    this.#latest = { jpeg: Buffer.from(jpeg), missing, atMs: this.#clock.nowMs() };
    for (const client of this.#clients) client.onJpeg(this.#latest.jpeg, missing);
  }

  close(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = null;
    if (!this.isOpen) return;
    this.#shown = null;
    this.#latest = null;
    this.#post({ type: 'close-view', viewId: this.id });
    for (const { tile } of this.#open) tile.close();
    this.#open = [];
  }

  #announce({ width, height, spare }: ViewPlan): void {
    const tiles = this.#open.map(({ spec }) => spec);
    this.#post({ type: 'view', view: { viewId: this.id, width, height, tiles, spare } });
  }
}
