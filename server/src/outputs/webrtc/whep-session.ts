import { randomBytes } from 'node:crypto';
import { LanecastError } from '../../core/errors.js';
import type { MediaHost } from './media-host.js';
import type { PeerOptions } from './peer.js';
import { checkOffer, iceUfragOf, parseIceFragment } from './whep-sdp.js';

/** A player that has not connected after this time never will: it takes a second, of a server that is overloaded several. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A player that has not connected after this time gives its place to whoever comes when there is no other. */
const YIELD_AFTER_MS = 3000;
/** Candidates that one player may send in all. */
const MAX_CANDIDATES = 128;

export interface WhepHost {
  media: Pick<MediaHost, 'open' | 'answer' | 'addCandidate' | 'watch' | 'leave'>;
  peer: PeerOptions;
  /** Lets the stream's packets flow; false if WebRTC cannot carry it (any more). */
  openStream(id: string): boolean;
  nowMs(): number;
  onEnd(session: WhepSession, reason: string): void;
}

/**
 * One player of one stream by WHEP (draft-ietf-wish-whep): a viewer of the media worker that is opened, told candidates
 * and ended by HTTP requests. Its video waits for its detections as a dashboard's does.
 */
export class WhepSession {
  /** Names the session in its URL, and cannot be guessed: who knows it may end it. */
  readonly id = randomBytes(18).toString('base64url');
  readonly stream: string;
  /** Of the ICE session: it lasts as long as the player's, since ICE is not restarted. */
  readonly etag = `"${randomBytes(9).toString('base64url')}"`;
  readonly #host: WhepHost;
  readonly #openedAtMs: number;
  #viewer: number | null = null;
  #ufrag: string | null = null;
  #candidates = 0;
  #connected = false;
  #ended: string | null = null;
  readonly #listeners: (() => void)[] = [];
  #abandon: ((reason: string) => void) | null = null;

  constructor(stream: string, host: WhepHost) {
    this.stream = stream;
    this.#host = host;
    this.#openedAtMs = host.nowMs();
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Ends it if it has had time to connect, and has not: offers that nobody follows keep no viewer out. Returns whether. */
  yields(): boolean {
    if (this.#connected || this.#host.nowMs() - this.#openedAtMs < YIELD_AFTER_MS) return false;
    this.close('it had not connected, and another viewer needed its place');
    return true;
  }

  /** Answers the player's offer; call it once. The session has ended when it rejects with a LanecastError. */
  async answer(sdp: string): Promise<string> {
    const { media, peer } = this.#host;
    try {
      checkOffer(sdp);
      this.#ufrag = iceUfragOf(sdp);
      this.#host.openStream(this.stream);
      const abandoned = new Promise<never>((_, reject) => {
        this.#abandon = (reason) => reject(new LanecastError('whep-unavailable', `The session ended: ${reason}`));
      });
      this.#viewer = media.open(peer, true, {
        // The answer holds them all.
        onCandidate: () => undefined,
        onConnected: () => (this.#connected = this.#ended === null),
        onEnd: (reason) => this.close(reason),
      });
      media.watch(this.#viewer, [this.stream]);
      return await Promise.race([media.answer(this.#viewer, sdp, [{ mid: null, stream: this.stream }]), abandoned]);
    } catch (error) {
      this.close('its offer was refused');
      throw error;
    } finally {
      this.#abandon = null;
    }
  }

  /** Takes the candidates of a fragment. Throws `fragment-malformed`, `ice-restart-unsupported`. */
  trickle(text: string): void {
    const { ufrag, candidates } = parseIceFragment(text);
    if (ufrag !== null && ufrag !== this.#ufrag)
      throw new LanecastError('ice-restart-unsupported', 'ICE is not restarted here: end this session and POST anew');
    this.#candidates += candidates.length;
    if (this.#candidates > MAX_CANDIDATES)
      throw new LanecastError('fragment-malformed', `More than ${MAX_CANDIDATES} candidates in all are not taken`);
    if (this.#viewer === null) return;
    for (const { candidate, mid } of candidates) this.#host.media.addCandidate(this.#viewer, candidate, mid);
  }

  /** Called about once a second: ends a session whose player never connected, or whose stream cannot be carried now. */
  tick(): void {
    if (!this.#connected && this.#host.nowMs() - this.#openedAtMs > CONNECT_TIMEOUT_MS)
      this.close('it did not connect in time');
    else if (!this.#host.openStream(this.stream)) this.close('WebRTC cannot carry the stream any more');
  }

  /** Calls `listener` when the session ends; at once if it has. */
  onEnd(listener: () => void): void {
    if (this.#ended === null) this.#listeners.push(listener);
    else listener();
  }

  /** May be called twice. */
  close(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#connected = false;
    this.#abandon?.(reason);
    if (this.#viewer !== null) this.#host.media.leave(this.#viewer);
    this.#host.onEnd(this, reason);
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
