import type { CodecRules, ParameterSetKind } from './codec-rules.js';
import { MAX_PARAMETER_SET_BYTES, type SequenceParameters } from './sequence-parameters.js';

/** Of each kind; real streams have one of each, rarely three. */
const MAX_SETS_PER_KIND = 16;

/** The newest parameter sets of a stream, from its description and from the stream itself. Bounded. */
export class ParameterSets {
  readonly #rules: CodecRules;
  readonly #sets: Record<ParameterSetKind, Map<number, Uint8Array>> = {
    vps: new Map(),
    sps: new Map(),
    pps: new Map(),
  };
  #sequence: SequenceParameters | null = null;

  /** @param initial raw NAL units; what is no parameter set of the codec is passed over */
  constructor(rules: CodecRules, initial: readonly Uint8Array[] = []) {
    this.#rules = rules;
    for (const nal of initial) this.add(nal);
  }

  /** What the newest sequence parameter set says; null before the first. */
  get sequence(): SequenceParameters | null {
    return this.#sequence;
  }

  /** Whether there is one of each kind that the codec needs. */
  get complete(): boolean {
    return this.#rules.parameterSetKinds.every((kind) => this.#sets[kind].size > 0);
  }

  /** All sets in the order in which a decoder needs them. */
  all(): Uint8Array[] {
    return this.#rules.parameterSetKinds.flatMap((kind) => [...this.#sets[kind].values()]);
  }

  /**
   * Takes a copy of a parameter set. Returns whether this changed anything; false too for what is malformed, too long,
   * or one too many.
   */
  add(nal: Uint8Array): boolean {
    if (nal.length > MAX_PARAMETER_SET_BYTES) return false;
    const kind = this.#rules.inspect(nal).parameterSet;
    if (kind === null) return false;
    const id = this.#rules.parameterSetId(nal, kind);
    if (id === null) return false;
    const sets = this.#sets[kind];
    const known = sets.get(id);
    if (known && sameBytes(known, nal)) return false;
    if (!known && sets.size >= MAX_SETS_PER_KIND) return false;
    sets.set(id, new Uint8Array(nal));
    if (kind === 'sps') this.#sequence = this.#rules.parseSps(nal) ?? this.#sequence;
    return true;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
