import type { AccessUnit } from './access-unit.js';
import type { CodecRules, NalFragment, NalInfo, ParameterSetKind, PayloadSink } from './codec-rules.js';
import type { ParameterSets } from './parameter-sets.js';
import { hasRecoveryPoint } from './recovery-point.js';
import { UnitBuffer } from './unit-buffer.js';

const MAX_NAL_TYPES = 256;
const MAX_SEI_LOOKED_AT = 16;
/** What a kept packet costs besides its bytes: bounds units of endless empty packets. */
const PACKET_OVERHEAD_BYTES = 64;
/** Parameter sets are repeated at least so often, for streams without keyframes. */
const PARAMETER_SET_INTERVAL_MS = 5000;

/** The part of an RTP packet that matters here. */
export interface UnitPacket {
  payload: Uint8Array;
  raw: Uint8Array;
  receivedAtMs: number;
}

/** How a unit begins. */
export interface UnitStart {
  timestamp: number;
  lostBefore: number;
  sourceReset: boolean;
  /** Packets of this very unit may be missing before its first: what comes first has to prove that it is the start. */
  headUncertain: boolean;
}

/** Puts the NAL units of one access unit at a time together; the depacketiser decides where units begin and end. */
export class UnitAssembler implements PayloadSink {
  readonly #rules: CodecRules;
  readonly #sets: ParameterSets;
  readonly #maxUnitBytes: number;
  readonly #buffer: UnitBuffer;
  #start: UnitStart | null = null;
  #packets: Uint8Array[] = [];
  #packetBytes = 0;
  #nalTypes: number[] = [];
  #inBand = new Set<ParameterSetKind>();
  #setsChanged = false;
  #pictures = 0;
  #isKeyframe = false;
  #isRecoveryPoint = false;
  #seiCount = 0;
  #damaged = false;
  #oversized = false;
  #insertAt = 0;
  #receivedAtMs = 0;
  /** The NAL unit that is coming in fragments: where it starts in the buffer. */
  #fragment: { from: number; type: number; isPicture: boolean } | null = null;
  #firstSeen = false;
  #continues = false;
  #lastSetsAtMs: number | null = null;
  #malformedCount = 0;
  #unsupportedCount = 0;

  constructor(rules: CodecRules, sets: ParameterSets, maxUnitBytes: number) {
    this.#rules = rules;
    this.#sets = sets;
    this.#maxUnitBytes = maxUnitBytes;
    this.#buffer = new UnitBuffer(maxUnitBytes);
  }

  get isOpen(): boolean {
    return this.#start !== null;
  }

  get timestamp(): number {
    return this.#start?.timestamp ?? -1;
  }

  get hasPicture(): boolean {
    return this.#pictures > 0;
  }

  get damaged(): boolean {
    return this.#damaged;
  }

  get oversized(): boolean {
    return this.#oversized;
  }

  get lostBefore(): number {
    return this.#start?.lostBefore ?? 0;
  }

  /** The unit's first slice is not the first of its picture, and nothing is known to be lost before it. */
  get continuesPicture(): boolean {
    return this.#continues;
  }

  get malformedCount(): number {
    return this.#malformedCount;
  }

  get unsupportedCount(): number {
    return this.#unsupportedCount;
  }

  get bufferedBytes(): number {
    return this.#buffer.capacity + this.#packetBytes;
  }

  begin(start: UnitStart): void {
    this.#clear();
    this.#start = start;
  }

  /** What came so far holds no picture and belongs to the unit that follows. */
  moveTo(timestamp: number): void {
    if (this.#start) this.#start.timestamp = timestamp;
  }

  markDamaged(): void {
    this.#damaged = true;
  }

  /** Packets of this unit are missing behind those that came: a NAL unit in fragments will not be complete. */
  losePackets(): void {
    this.#damaged = true;
    this.#abandonFragment();
  }

  add(packet: UnitPacket): void {
    this.#receivedAtMs = packet.receivedAtMs;
    if (this.#oversized) return;
    this.#packetBytes += packet.raw.length + PACKET_OVERHEAD_BYTES;
    this.#packets.push(packet.raw);
    this.#rules.readPayload(packet.payload, this);
    if (this.#buffer.overflowed || this.#packetBytes > this.#maxUnitBytes) {
      this.#oversized = true;
      this.#packets = [];
      this.#packetBytes = 0;
      this.#fragment = null;
      this.#buffer.truncate(0);
    }
  }

  nal(nal: Uint8Array): void {
    this.#closeFragment();
    const info = this.#rules.inspect(nal);
    const from = this.#buffer.length;
    this.#noteStart(info);
    this.#buffer.startNal();
    this.#buffer.append(nal);
    this.#noteEnd(info, nal, from);
  }

  fragment({ type, header, data, start, end }: NalFragment): void {
    if (start) {
      this.#closeFragment();
      const info = this.#rules.inspect(Uint8Array.of(...header, data[0] ?? 0));
      this.#fragment = { from: this.#buffer.length, type, isPicture: info.isPicture };
      this.#noteStart(info);
      this.#buffer.startNal();
      this.#buffer.append(header);
    } else if (this.#fragment?.type !== type) {
      // Its beginning is missing.
      this.#abandonFragment();
      this.#damaged = true;
      this.#firstSeen = true;
      return;
    }
    this.#buffer.append(data);
    if (end) this.#closeFragment();
  }

  malformed(): void {
    this.#malformedCount++;
    this.#damaged = true;
  }

  unsupported(): void {
    this.#unsupportedCount++;
    this.#damaged = true;
  }

  /** The unit, or null if there is nothing to decode in it. Ready for begin() afterwards. */
  finish(endedBy: AccessUnit['endedBy']): AccessUnit | null {
    const start = this.#start;
    if (endedBy === 'flush') this.#abandonFragment();
    else this.#closeFragment();
    if (!start || this.#oversized || this.#pictures === 0) {
      this.#clear();
      return null;
    }
    const kinds = this.#rules.parameterSetKinds;
    const inBand = kinds.every((kind) => this.#inBand.has(kind));
    const insert = !inBand && this.#sets.complete && this.#wantsParameterSets() ? this.#sets.all() : [];
    const hasParameterSets = inBand || insert.length > 0;
    if (hasParameterSets) this.#lastSetsAtMs = this.#receivedAtMs;
    const unit: AccessUnit = {
      data: this.#buffer.toAnnexB(insert, this.#insertAt),
      rtpTimestamp: start.timestamp,
      isKeyframe: this.#isKeyframe,
      isRecoveryPoint: this.#isRecoveryPoint,
      damaged: this.#damaged,
      lostBefore: start.lostBefore,
      sourceReset: start.sourceReset,
      hasParameterSets,
      parameterSetsChanged: this.#setsChanged,
      nalTypes: this.#nalTypes,
      packets: this.#packets,
      receivedAtMs: this.#receivedAtMs,
      endedBy,
    };
    this.#clear();
    return unit;
  }

  #wantsParameterSets(): boolean {
    this.#lastSetsAtMs ??= this.#receivedAtMs;
    return (
      this.#isKeyframe || this.#isRecoveryPoint || this.#receivedAtMs - this.#lastSetsAtMs >= PARAMETER_SET_INTERVAL_MS
    );
  }

  #noteStart(info: NalInfo): void {
    if (!this.#firstSeen) {
      this.#firstSeen = true;
      if (this.#start?.headUncertain === true && !info.startsAccessUnit) this.#damaged = true;
      this.#continues = info.isPicture && !info.startsAccessUnit && this.#start?.lostBefore === 0;
    }
    if (this.#nalTypes.length < MAX_NAL_TYPES) this.#nalTypes.push(info.type);
    if (info.isPicture) this.#pictures++;
    if (info.isKeyframe) this.#isKeyframe = true;
  }

  #noteEnd(info: NalInfo, nal: Uint8Array, from: number): void {
    if (info.isDelimiter && from === 0) this.#insertAt = this.#buffer.length;
    if (info.parameterSet) {
      this.#inBand.add(info.parameterSet);
      if (this.#sets.add(nal)) this.#setsChanged = true;
    }
    if (info.isSei && !this.#isRecoveryPoint && this.#seiCount < MAX_SEI_LOOKED_AT) {
      this.#seiCount++;
      this.#isRecoveryPoint = hasRecoveryPoint(nal.subarray(this.#rules.nalHeaderBytes));
    }
  }

  /** All parts are there, with or without an end bit: no packet is missing. */
  #closeFragment(): void {
    const fragment = this.#fragment;
    if (!fragment) return;
    this.#fragment = null;
    if (this.#buffer.overflowed) return;
    const nal = this.#buffer.view(fragment.from + 4, this.#buffer.length);
    this.#noteEnd(this.#rules.inspect(nal), nal, fragment.from);
  }

  /** The rest will never come: what there is of the NAL unit goes. */
  #abandonFragment(): void {
    const fragment = this.#fragment;
    if (!fragment) return;
    this.#fragment = null;
    this.#damaged = true;
    this.#buffer.truncate(fragment.from);
    if (fragment.isPicture) this.#pictures--;
  }

  #clear(): void {
    this.#buffer.clear();
    this.#start = null;
    this.#packets = [];
    this.#packetBytes = 0;
    this.#nalTypes = [];
    this.#inBand = new Set();
    this.#setsChanged = false;
    this.#pictures = 0;
    this.#isKeyframe = false;
    this.#isRecoveryPoint = false;
    this.#seiCount = 0;
    this.#damaged = false;
    this.#oversized = false;
    this.#insertAt = 0;
    this.#fragment = null;
    this.#firstSeen = false;
    this.#continues = false;
  }
}
