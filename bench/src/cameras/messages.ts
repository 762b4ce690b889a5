/** What a bench and the process that plays its cameras say to one another. */
import type { FaultOrder } from './fault-orders.js';

export interface CameraClip {
  /** Of the address. */
  path: string;
  clip: string;
}

/** What is asked; each is answered once. */
export type CameraOrder =
  | { kind: 'publish'; cameras: readonly CameraClip[] }
  /** Dies: its readers are cut off, its address knows nothing. */
  | { kind: 'unpublish'; path: string }
  | { kind: 'fault'; path: string; fault: FaultOrder }
  | { kind: 'clear'; path: string }
  | { kind: 'sent' };

/** Packets of one path that its publisher has given since it came, and readers there are. */
export interface SentPackets {
  path: string;
  rtpPackets: number;
  readers: number;
}

export type CameraAnswer =
  { kind: 'done'; base: string } | { kind: 'failed'; message: string } | { kind: 'sent'; paths: SentPackets[] };
