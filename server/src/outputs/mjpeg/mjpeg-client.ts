import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

import { LatestSender } from './latest-sender.js';
import type { Framing } from './multipart.js';
import { MULTIPART_CONTENT_TYPE } from './multipart.js';
import type { ViewClient } from './view.js';

/** A client whose socket has been full for this long is gone or has no use for pictures. */
const GIVE_UP_MS = 60_000;

/** The headers of a motion-JPEG answer. */
export const MJPEG_HEADERS: OutgoingHttpHeaders = {
  'Content-Type': MULTIPART_CONTENT_TYPE,
  'Cache-Control': 'no-store',
  Connection: 'close',
};

/** One HTTP client of a view. */
export class MjpegClient implements ViewClient {
  readonly #response: ServerResponse;
  readonly #sender: LatestSender;

  /** Sends the head of the answer; `onClosed` is called once, when the connection is gone. */
  constructor(
    response: ServerResponse,
    headers: OutgoingHttpHeaders,
    framing: Framing,
    nowMs: () => number,
    onClosed: () => void,
  ) {
    this.#response = response;
    this.#sender = new LatestSender(response, (jpeg) => framing.frame(jpeg), nowMs);
    response.once('close', onClosed);
    // A reset connection is an ordinary way to leave; 'close' follows.
    response.on('error', () => undefined);
    // The stream ends with the connection: plain bytes, which simple clients of cameras understand, not chunks.
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(200, { ...headers, ...MJPEG_HEADERS });
    response.write(framing.preamble);
  }

  get sent(): number {
    return this.#sender.sent;
  }

  get replaced(): number {
    return this.#sender.replaced;
  }

  onJpeg(jpeg: Buffer): void {
    if (!this.#response.destroyed) this.#sender.send(jpeg);
  }

  /** Cuts the connection of a client that has stopped reading. */
  dropIfStuck(): void {
    if (this.#sender.blockedForMs > GIVE_UP_MS) this.close();
  }

  /** Ends the stream after what was sent so far: it is over. */
  end(): void {
    this.#response.end();
  }

  close(): void {
    this.#response.destroy();
  }
}
