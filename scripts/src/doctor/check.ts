/** `ok`: as good as it gets. `note`: works, but could be better. `fail`: something does not work until it is mended. */
export type Verdict = 'ok' | 'note' | 'fail';

/** One line of the doctor's. */
export interface Finding {
  subject: string;
  verdict: Verdict;
  /** What is here. */
  text: string;
  /** What to do about it; absent where all is well. */
  fix?: string;
}

/** Looks at one thing; never throws. */
export type Check = () => Finding | Promise<Finding>;
