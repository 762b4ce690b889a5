/** One published path: takes a publisher's packets and hands them to the readers. No sockets here. */
import { startsKeyframe } from './keyframe.js';
import type { PublishedSdp, SdpTrack } from './sdp.js';

export type PacketKind = 'rtp' | 'rtcp';

/** What a filter sees beside the packet. */
export interface PacketContext {
  track: SdpTrack;
  kind: PacketKind;
  /** Hands a packet of this track to the readers, past the filter: for one that is to come later, or in another's place. */
  deliver: (packet: Buffer) => void;
}

/** Sees each packet of a path before the readers do; returns it, another one, or null to drop it. */
export type PacketFilter = (packet: Buffer, context: PacketContext) => Buffer | null;

/** A playing reader, as its mount sees it. */
export interface MountReader {
  /** Sends a packet of a track that was set up; ignores the others. */
  send(trackIndex: number, kind: PacketKind, packet: Buffer): void;
  /** Whether the track was set up. */
  wants(trackIndex: number): boolean;
  /** The publisher has gone. */
  end(): void;
}

export class Mount {
  readonly path: string;
  readonly sdp: PublishedSdp;
  rtpPackets = 0;
  readonly #filterOf: (path: string) => PacketFilter | undefined;
  /** Readers, and whether RTP flows to them yet: it begins with a keyframe. */
  readonly #readers = new Map<MountReader, { started: boolean }>();

  constructor(path: string, sdp: PublishedSdp, filterOf: (path: string) => PacketFilter | undefined) {
    this.path = path;
    this.sdp = sdp;
    this.#filterOf = filterOf;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  /** Adds a reader; its RTP begins at the next keyframe of the video that it set up, at once where there is none. */
  add(reader: MountReader): void {
    const waits = this.sdp.tracks.some((track) => track.codec !== null && reader.wants(track.index));
    this.#readers.set(reader, { started: !waits });
  }

  remove(reader: MountReader): void {
    this.#readers.delete(reader);
  }

  /** Hands a packet of the publisher to every reader. */
  forward(track: SdpTrack, kind: PacketKind, received: Buffer): void {
    if (kind === 'rtp') this.rtpPackets++;
    const filter = this.#filterOf(this.path);
    const deliver = (packet: Buffer): void => this.#deliver(track, kind, packet);
    const packet = filter === undefined ? received : filter(received, { track, kind, deliver });
    if (packet !== null) deliver(packet);
  }

  #deliver(track: SdpTrack, kind: PacketKind, packet: Buffer): void {
    if (this.#readers.size === 0) return;
    const keyframe = kind === 'rtp' && track.codec !== null && startsKeyframe(track.codec, packet);
    for (const [reader, state] of this.#readers) {
      if (keyframe && reader.wants(track.index)) state.started = true;
      if (state.started || kind === 'rtcp') reader.send(track.index, kind, packet);
    }
  }

  /** Ends every reader. May be called twice. */
  close(): void {
    const readers = [...this.#readers.keys()];
    this.#readers.clear();
    for (const reader of readers) reader.end();
  }
}
