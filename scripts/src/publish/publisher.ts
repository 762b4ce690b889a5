/** What publishes one clip, over and over, until it is closed. */

export interface ClipPublisher {
  /** How often publishing had to begin anew. */
  readonly restarts: number;
  /** Stops publishing and waits until nothing of it runs. May be called twice. */
  close(): Promise<void>;
}

export interface ClipPublisherOptions {
  /** A video file. */
  clip: string;
  /** Where to, `rtsp://...`. */
  url: string;
  /** One line per change of state. */
  log: (line: string) => void;
}
