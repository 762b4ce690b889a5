import { messageOf } from '../../core/errors.js';
import type { LeaseTerms, LendOffer } from '../../core/signalling/messages.js';
import type { LenderSeat, Lending } from '../../pipeline/lending/lending-desk.js';
import type { MediaHost } from './media-host.js';

/** What a dashboard may do beyond watching. */
export interface ViewerRights {
  /** Its browser may detect for everybody. */
  lend: boolean;
}

export interface SessionLendingOptions {
  rights: ViewerRights;
  /** null: this server takes no detections. */
  desk: Lending | null;
  /** Of whom a lie is remembered. */
  identity: string;
  /** Whether a model has the weights of the server's own. */
  acceptsModel: (sha256: string) => Promise<boolean>;
  media: Pick<MediaHost, 'setLent'>;
  /** The session's peer connection; null before its first offer. */
  viewer: () => number | null;
  tell: (leases: LeaseTerms[], reason: string | null) => void;
}

/** The lending of one dashboard: between its messages and the desk. */
export class SessionLending {
  readonly #options: SessionLendingOptions;
  #seat: LenderSeat | null = null;
  #watched: readonly string[] = [];
  #lent: ReadonlySet<string> = new Set();
  #offered = false;
  #ended = false;

  constructor(options: SessionLendingOptions) {
    this.#options = options;
  }

  /** The streams that this page detects on, or is tried on. */
  get streams(): ReadonlySet<string> {
    return this.#lent;
  }

  /** Resolves when the desk knows. */
  async offer(offer: LendOffer | null): Promise<void> {
    const refusal = offer && (await this.#refusal(offer));
    if (this.#ended) return;
    if (refusal !== null || offer === null) {
      this.#offered = false;
      this.#seat?.lend(null);
      this.#onLeases([], refusal);
      return;
    }
    this.#offered = true;
    const { desk, identity } = this.#options;
    this.#seat ??= desk!.open({ identity, onLeases: (leases, reason) => this.#onLeases(leases, reason) });
    this.#seat.watch(this.#watched);
    this.#seat.lend(offer);
  }

  watch(streams: readonly string[]): void {
    this.#watched = streams;
    this.#seat?.watch(streams);
  }

  receive(message: Uint8Array): void {
    this.#seat?.receive(message);
  }

  flooded(): void {
    this.#seat?.flooded();
  }

  /** May be called twice. */
  close(): void {
    this.#ended = true;
    this.#seat?.leave();
    this.#seat = null;
  }

  async #refusal(offer: LendOffer): Promise<string | null> {
    const { rights, desk, viewer, acceptsModel } = this.#options;
    if (!rights.lend) return 'This access may watch, but not lend';
    if (!desk) return 'This server takes no detections from pages: start it with --detector auto or browser';
    if (viewer() === null) return 'The video connection is not there yet';
    try {
      if (await acceptsModel(offer.model)) return null;
    } catch (error) {
      return messageOf(error);
    }
    return 'This page runs another model than the server: reload it';
  }

  #onLeases(leases: LeaseTerms[], reason: string | null): void {
    if (this.#ended) return;
    this.#lent = new Set(leases.map(({ stream }) => stream));
    const viewer = this.#options.viewer();
    if (viewer !== null) this.#options.media.setLent(viewer, this.#offered, [...this.#lent]);
    this.#options.tell(leases, reason);
  }
}
