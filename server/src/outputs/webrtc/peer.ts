/** One viewer's connection for video and tracks. Behind this interface, so that another library can take the place. */
export interface Peer {
  /**
   * Answers an offer, the first or a later one. Each named media line (`mid`) carries its stream from then on; the others
   * are inactive. Resolves to the SDP with this side's candidates. Rejects if the offer cannot be used.
   */
  answer(sdp: string, lines: readonly MediaLine[]): Promise<string>;
  addCandidate(candidate: string, mid: string | null): Promise<void>;
  /** False while the stream cannot be sent: not negotiated, not connected. */
  canSend(stream: string): boolean;
  sendRtp(stream: string, packet: OutgoingRtp): void;
  /**
   * Sends a track message, or drops it when the viewer falls behind; returns whether it was sent. null: the viewer opened
   * no channel for them, as most WHEP players.
   */
  sendTracks(message: Uint8Array): boolean | null;
  /** May be called twice. */
  close(): void;
}

/** Which stream a media line shows; without `mid`: the first line of video. */
export interface MediaLine {
  mid: string | null;
  stream: string;
}

/** SSRC and payload type are the peer's business. */
export interface OutgoingRtp {
  sequenceNumber: number;
  timestamp: number;
  marker: boolean;
  payload: Uint8Array;
}

export interface PeerEvents {
  /** null: there are no more. */
  onCandidate(candidate: string | null, mid: string | null): void;
  onConnected(): void;
  /** The viewer lost pictures of a stream beyond repair (RFC 4585, 6.3.1). */
  onPictureLoss(stream: string): void;
  /** A message came on the channel for detections. */
  onDetections(message: Uint8Array): void;
  /** The connection failed or was closed by the other side. */
  onEnd(reason: string): void;
}

/** What a peer is made with. */
export interface PeerOptions {
  /** Of this machine: UDP is opened there. The one at which the viewer reached the server, unless one is configured. */
  address: string;
  /** What the viewer is told instead. */
  announcedAddress: string | null;
  udpPorts: readonly [number, number] | null;
}
