/** What the browser measured of one received video, since the last time. */
export interface ReceiverFigures {
  kbps: number;
  framesDecoded: number;
  framesDropped: number;
  packetsLost: number;
  /** Mean time a frame waited in the browser's jitter buffer, milliseconds. */
  jitterBufferMs: number | null;
}

interface Totals {
  timestampMs: number;
  bytes: number;
  decoded: number;
  dropped: number;
  lost: number;
  bufferDelayS: number;
  emitted: number;
}

/** The part of an `inbound-rtp` report (WebRTC statistics, 8.4) that is used here. */
export interface InboundVideo {
  mid: string;
  timestamp: number;
  bytesReceived?: number;
  framesDecoded?: number;
  framesDropped?: number;
  packetsLost?: number;
  jitterBufferDelay?: number;
  jitterBufferEmittedCount?: number;
}

/** Turns the running totals of `getStats()` into figures per second, by media line (`mid`). */
export class ReceiverMeter {
  #last = new Map<string, Totals>();

  measure(reports: Iterable<InboundVideo>): Map<string, ReceiverFigures> {
    const figures = new Map<string, ReceiverFigures>();
    const next = new Map<string, Totals>();
    for (const report of reports) {
      const now: Totals = {
        timestampMs: report.timestamp,
        bytes: report.bytesReceived ?? 0,
        decoded: report.framesDecoded ?? 0,
        dropped: report.framesDropped ?? 0,
        lost: report.packetsLost ?? 0,
        bufferDelayS: report.jitterBufferDelay ?? 0,
        emitted: report.jitterBufferEmittedCount ?? 0,
      };
      next.set(report.mid, now);
      const last = this.#last.get(report.mid);
      const passedMs = last ? now.timestampMs - last.timestampMs : 0;
      // Counters that went back belong to another track on the same line.
      if (!last || passedMs <= 0 || now.bytes < last.bytes) continue;
      const emitted = now.emitted - last.emitted;
      figures.set(report.mid, {
        kbps: ((now.bytes - last.bytes) * 8) / passedMs,
        framesDecoded: now.decoded - last.decoded,
        framesDropped: now.dropped - last.dropped,
        packetsLost: now.lost - last.lost,
        jitterBufferMs: emitted > 0 ? (1000 * (now.bufferDelayS - last.bufferDelayS)) / emitted : null,
      });
    }
    this.#last = next;
    return figures;
  }
}
