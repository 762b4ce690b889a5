import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { PacketMessage } from '../../ingest/messages.js';
import { countConsumed, droppedUnits, type PacketSubscription } from '../../ingest/packet-tap.js';
import { MediaViewer } from './media-viewer.js';
import type { FromMedia, RoomCounters, ToMedia } from './messages.js';
import type { Peer, PeerEvents, PeerOptions } from './peer.js';
import { StreamVideo } from './stream-video.js';
import type { KeyframeRequest } from './transcode/messages.js';

export interface MediaRoomOptions {
  clock: Clock;
  maxPayloadBytes: number;
  createPeer: (options: PeerOptions, events: PeerEvents) => Peer;
  post: (message: FromMedia) => void;
}

/** All viewers and all streams of the media worker: routes its messages. */
export class MediaRoom {
  readonly #options: MediaRoomOptions;
  readonly #viewers = new Map<number, MediaViewer>();
  readonly #videos = new Map<string, StreamVideo>();
  readonly #sources = new Map<string, PacketSubscription>();
  /** Of viewers that have left, and of sources that were replaced. */
  #past = { packetsSent: 0, bytesSent: 0, unitsDropped: 0, unitsMissed: 0, tracksSent: 0, tracksDropped: 0 };
  #pastLosses = 0;

  constructor(options: MediaRoomOptions) {
    this.#options = options;
  }

  handle(message: ToMedia): void {
    switch (message.type) {
      case 'open':
        this.#open(message.viewer, message.peer, message.waits);
        return;
      case 'offer':
        void this.#offer(message);
        return;
      case 'candidate':
        // One that cannot be used is no reason to end: others may do.
        this.#viewers
          .get(message.viewer)
          ?.addCandidate(message.candidate, message.mid)
          .catch(() => undefined);
        return;
      case 'watch':
        this.#viewers.get(message.viewer)?.watch(message.streams);
        return;
      case 'mode':
        this.#viewers.get(message.viewer)?.setWaits(message.waits);
        return;
      case 'lent':
        this.#viewers.get(message.viewer)?.setLent(message.mayLend, message.streams);
        return;
      case 'leave':
        this.#leave(message.viewer);
        return;
      case 'packets':
        this.#attach(message.stream, message);
        return;
      case 'detach':
        this.#detach(message.stream);
        return;
      case 'hold':
        this.#video(message.stream).holdMs = message.holdMs;
        return;
      case 'tracks':
        for (const viewer of this.#viewers.values()) viewer.sendTracks(message.stream, message.message);
        return;
      case 'close':
        this.close();
    }
  }

  counters(): RoomCounters {
    const sum = { peers: this.#viewers.size, pictureLosses: this.#pastLosses, ...this.#past };
    for (const viewer of this.#viewers.values()) {
      const { packets, bytes, dropped } = viewer.sent;
      sum.packetsSent += packets;
      sum.bytesSent += bytes;
      sum.unitsDropped += dropped;
      sum.tracksSent += viewer.tracksSent;
      sum.tracksDropped += viewer.tracksDropped;
      sum.pictureLosses += viewer.pictureLosses;
    }
    for (const { progress } of this.#sources.values()) sum.unitsMissed += droppedUnits(progress);
    return sum;
  }

  close(): void {
    for (const id of [...this.#viewers.keys()]) this.#leave(id);
    for (const stream of [...this.#sources.keys()]) this.#detach(stream);
  }

  #open(id: number, options: PeerOptions, waits: boolean): void {
    const { clock, createPeer, post } = this.#options;
    const events: PeerEvents = {
      onCandidate: (candidate, mid) => post({ type: 'candidate', viewer: id, candidate, mid }),
      onConnected: () => {
        this.#viewers.get(id)?.connected();
        post({ type: 'connected', viewer: id });
      },
      onPictureLoss: (stream) => this.#viewers.get(id)?.pictureLost(stream),
      onDetections: (message) => this.#detections(id, message),
      onEnd: (reason) => this.#end(id, reason),
    };
    try {
      const peer = createPeer(options, events);
      this.#viewers.set(id, new MediaViewer(peer, waits, clock, (stream) => this.#video(stream)));
    } catch (error) {
      post({ type: 'ended', viewer: id, reason: messageOf(error) });
    }
  }

  async #offer({ viewer, request, sdp, lines }: Extract<ToMedia, { type: 'offer' }>): Promise<void> {
    const { post } = this.#options;
    const target = this.#viewers.get(viewer);
    if (!target) {
      post({ type: 'refused', viewer, request, reason: 'the viewer has left' });
      return;
    }
    try {
      post({ type: 'answer', viewer, request, sdp: await target.answer(sdp, lines) });
    } catch (error) {
      post({ type: 'refused', viewer, request, reason: messageOf(error) });
    }
  }

  #detections(id: number, message: Uint8Array): void {
    const { clock, post } = this.#options;
    const verdict = this.#viewers.get(id)?.lentGate.admit(message.length, clock.nowMs());
    // The memory may be a part of something larger: only the message itself goes to the other thread.
    if (verdict === 'pass') post({ type: 'detections', viewer: id, message: Uint8Array.from(message) });
    else if (verdict === 'flood') post({ type: 'flooded', viewer: id });
  }

  #end(id: number, reason: string): void {
    if (!this.#viewers.has(id)) return;
    this.#leave(id);
    this.#options.post({ type: 'ended', viewer: id, reason });
  }

  #leave(id: number): void {
    const viewer = this.#viewers.get(id);
    if (!viewer) return;
    this.#viewers.delete(id);
    viewer.close();
    const { packets, bytes, dropped } = viewer.sent;
    this.#past.packetsSent += packets;
    this.#past.bytesSent += bytes;
    this.#past.unitsDropped += dropped;
    this.#past.tracksSent += viewer.tracksSent;
    this.#past.tracksDropped += viewer.tracksDropped;
    this.#pastLosses += viewer.pictureLosses;
  }

  #attach(stream: string, { port, progress, makesKeyframes = false }: PacketSubscription): void {
    this.#detach(stream);
    const source: PacketSubscription = { port, progress };
    this.#sources.set(stream, source);
    const video = this.#video(stream);
    if (makesKeyframes) video.requestKeyframe = () => port.postMessage({ type: 'keyframe' } satisfies KeyframeRequest);
    source.port.on('message', (unit: PacketMessage) => {
      countConsumed(source.progress);
      if (this.#sources.get(stream) === source) video.push(unit);
    });
    source.port.on('close', () => {
      if (this.#sources.get(stream) !== source) return;
      this.#forget(stream, source);
      this.#options.post({ type: 'detached', stream });
    });
  }

  #detach(stream: string): void {
    const source = this.#sources.get(stream);
    if (!source) return;
    this.#forget(stream, source);
    source.port.close();
  }

  #forget(stream: string, source: PacketSubscription): void {
    this.#sources.delete(stream);
    this.#past.unitsMissed += droppedUnits(source.progress);
    this.#video(stream).reset();
  }

  #video(stream: string): StreamVideo {
    let video = this.#videos.get(stream);
    if (!video) {
      const { clock, maxPayloadBytes, post } = this.#options;
      video = new StreamVideo(clock, maxPayloadBytes, (watched) => post({ type: 'watched', stream, watched }));
      this.#videos.set(stream, video);
    }
    return video;
  }
}
