import type { Rig } from './rig.js';

/** One row of the matrix. */
export interface Fault {
  name: string;
  /** Streams that may suffer; all the others must lose nothing. */
  victims: readonly string[];
  /** Even the victims may lose nothing; else they must, or it did not happen. */
  mayGoUnnoticed?: boolean;
  /** In the short form, too. */
  short?: boolean;
  /** The server itself ends: nothing can be watched meanwhile. */
  endsServer?: boolean;
  /** What it leaves behind is a server that is not as it was: another one takes its place. */
  spoilsServer?: boolean;
  /** Why it cannot be tried here; null: it can. */
  skip?: (rig: Rig) => string | null;
  /** Before anybody watches, for instance a server of another kind. */
  prepare?(rig: Rig): Promise<void>;
  /** Makes it happen, and ends it. Where the recovery began earlier: says when (`rig.recoveryBegins`). */
  happen(rig: Rig): Promise<void>;
  /** Resolves when all is well again; rejects when it is not so. */
  recover(rig: Rig): Promise<void>;
  /** What is to be seen when nobody watches any more. */
  afterwards?(rig: Rig): Promise<void>;
}

export function expectThat(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}
