import type { AccessUnit } from './access-unit.js';
import type { VideoCodec } from './codec-rules.js';
import { H264_RULES } from './h264.js';
import { H265_RULES } from './h265.js';
import { ParameterSets } from './parameter-sets.js';
import type { SequenceParameters } from './sequence-parameters.js';
import { UnitAssembler } from './unit-assembler.js';

/** What a depacketiser needs of a packet; the RTSP client's packets have it. */
export interface DepacketiserPacket {
  marker: boolean;
  /** RTP, 32 bits. */
  timestamp: number;
  payload: Uint8Array;
  raw: Uint8Array;
  receivedAtMs: number;
  /** Packets missing between the one before and this one. */
  lostBefore: number;
  sourceReset: boolean;
}

export interface DepacketiserOptions {
  /** Raw NAL units from the session description. */
  parameterSets?: readonly Uint8Array[];
  /** A larger unit is dropped and counted. Default 8 MiB. */
  maxUnitBytes?: number;
  onUnit(unit: AccessUnit): void;
}

export interface DepacketiserStats {
  /** Handed out, damaged ones included. */
  units: number;
  /** With a missing part, also those of which nothing was left to hand out. */
  unitsDamaged: number;
  /** Dropped, because larger than the bound. */
  unitsOversized: number;
  /** Units whose end only the next unit showed, because their marker was missing. */
  unitsWithoutMarker: number;
  /** Payloads that do not follow the format. */
  payloadsMalformed: number;
  /** H.264: STAP-B, MTAP, FU-B; H.265: PACI. */
  payloadsUnsupported: number;
  /** Memory held for the unit in hand. */
  bufferedBytes: number;
}

export interface Depacketiser {
  readonly codec: VideoCodec;
  readonly stats: DepacketiserStats;
  /** From the newest sequence parameter set; null before the first. */
  readonly sequence: SequenceParameters | null;
  /** In sequence order. Never throws on what a packet contains. */
  push(packet: DepacketiserPacket): void;
  /** Nothing more follows: hands out the unit in hand. */
  flush(): void;
}

const DEFAULT_MAX_UNIT_BYTES = 8 * 1024 * 1024;

/** From RTP packets in order to access units: H.264 (RFC 6184) or H.265 (RFC 7798). */
export function createDepacketiser(codec: VideoCodec, options: DepacketiserOptions): Depacketiser {
  return new UnitDepacketiser(codec, options);
}

/**
 * Finds where units begin and end. The marker bit ends a unit at once, but only one that holds a picture: some cameras
 * set it on parameter sets too. A change of the timestamp ends a unit whose marker is missing. Where a camera sets the
 * marker on every slice, markers are no longer believed.
 */
class UnitDepacketiser implements Depacketiser {
  readonly codec: VideoCodec;
  readonly #onUnit: (unit: AccessUnit) => void;
  readonly #sets: ParameterSets;
  readonly #assembler: UnitAssembler;
  /** Timestamp of the unit that a marker ended last; null after a reset. */
  #endedByMarker: number | null = null;
  #markersUnreliable = false;
  /** Loss that no unit has told yet, because what it hit could not be handed out. */
  #untoldLoss = 0;
  #untoldReset = false;
  /** Whether the unit in hand is the first after a source reset. */
  #pendingReset = false;
  #begun = false;
  #units = 0;
  #damaged = 0;
  #oversized = 0;
  #withoutMarker = 0;

  constructor(codec: VideoCodec, options: DepacketiserOptions) {
    const rules = codec === 'h264' ? H264_RULES : H265_RULES;
    this.codec = codec;
    this.#onUnit = (unit) => {
      options.onUnit(unit);
    };
    this.#sets = new ParameterSets(rules, options.parameterSets);
    this.#assembler = new UnitAssembler(rules, this.#sets, options.maxUnitBytes ?? DEFAULT_MAX_UNIT_BYTES);
  }

  get stats(): DepacketiserStats {
    return {
      units: this.#units,
      unitsDamaged: this.#damaged,
      unitsOversized: this.#oversized,
      unitsWithoutMarker: this.#withoutMarker,
      payloadsMalformed: this.#assembler.malformedCount,
      payloadsUnsupported: this.#assembler.unsupportedCount,
      bufferedBytes: this.#assembler.bufferedBytes,
    };
  }

  get sequence(): SequenceParameters | null {
    return this.#sets.sequence;
  }

  push(packet: DepacketiserPacket): void {
    const lost = packet.lostBefore > 0;
    if (packet.sourceReset) this.#breakOff();
    if (this.#assembler.isOpen) {
      if (packet.timestamp === this.#assembler.timestamp) {
        if (lost) this.#assembler.losePackets();
      } else if (lost || this.#assembler.hasPicture || this.#assembler.damaged || this.#assembler.oversized) {
        // The missing packets may have been its tail.
        if (lost) this.#assembler.losePackets();
        this.#finish('timestamp');
      } else {
        // Parameter sets sent ahead with a timestamp of their own.
        this.#assembler.moveTo(packet.timestamp);
      }
    }
    if (!this.#assembler.isOpen) this.#begin(packet);
    this.#assembler.add(packet);
    this.#noticeSplitPicture(packet.timestamp);
    const complete = this.#assembler.hasPicture || this.#assembler.damaged || this.#assembler.oversized;
    if (packet.marker && !this.#markersUnreliable && complete) {
      this.#endedByMarker = packet.timestamp;
      this.#finish('marker');
    }
  }

  flush(): void {
    if (this.#assembler.isOpen) this.#finish('flush');
  }

  #begin(packet: DepacketiserPacket): void {
    const lostBefore = packet.lostBefore + this.#untoldLoss;
    const sourceReset = packet.sourceReset || this.#untoldReset;
    this.#assembler.begin({
      timestamp: packet.timestamp,
      lostBefore,
      sourceReset,
      // Also the first packet of all: one may join in the middle of a unit.
      headUncertain: packet.lostBefore > 0 || packet.sourceReset || !this.#begun,
    });
    this.#begun = true;
    this.#untoldLoss = 0;
    this.#untoldReset = false;
    this.#pendingReset = sourceReset;
  }

  /** The source is gone in the middle of a unit. */
  #breakOff(): void {
    if (this.#assembler.isOpen) {
      this.#assembler.losePackets();
      this.#finish('timestamp');
    }
    this.#endedByMarker = null;
    this.#markersUnreliable = false;
  }

  /** A slice that goes on with a picture whose marker we have seen: the marker did not end the picture. */
  #noticeSplitPicture(timestamp: number): void {
    if (this.#endedByMarker !== timestamp || !this.#assembler.continuesPicture) return;
    this.#markersUnreliable = true;
    this.#assembler.markDamaged();
  }

  #finish(endedBy: AccessUnit['endedBy']): void {
    const { damaged, oversized, lostBefore } = this.#assembler;
    const unit = this.#assembler.finish(endedBy);
    if (!unit) {
      if (oversized) this.#oversized++;
      else if (damaged) this.#damaged++;
      // The next unit has to say that something is missing before it.
      this.#untoldLoss = lostBefore + (damaged || oversized ? 1 : 0);
      this.#untoldReset = this.#pendingReset;
      return;
    }
    this.#pendingReset = false;
    this.#units++;
    if (unit.damaged) this.#damaged++;
    if (endedBy === 'timestamp' && !unit.damaged) this.#withoutMarker++;
    this.#onUnit(unit);
  }
}
