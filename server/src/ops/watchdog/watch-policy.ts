export interface WatchLimits {
  /** Resident memory: a word in the log from here on ... */
  rssWarnBytes: number | null;
  /** ... and the end from here on. */
  rssMaxBytes: number | null;
  /** CPU time of all threads; 100 is one processor. */
  cpuWarnPercent: number | null;
  cpuMaxPercent: number | null;
  /** A limit must be exceeded for so long without a break. */
  forMs: number;
  /** From SIGTERM to SIGKILL, and from one SIGKILL to the next. */
  graceMs: number;
  /** A process this young may use its processors, and need not answer yet: models are loaded. */
  startMs: number;
  /** The longest time between two samples that is held against the process: the watchdog may have slept itself. */
  maxStepMs: number;
}

/** What was seen of the process at one moment. */
export interface Sample {
  /** Names the process for good (pid and begin); null: there is none. */
  process: string | null;
  rssBytes: number;
  /** Since the sample before; null: not known yet. */
  cpuPercent: number | null;
  /** Whether it answered that it is well; null: it is not asked. */
  healthy: boolean | null;
}

export type WatchAction =
  { kind: 'warn' | 'well' | 'new'; text: string } | { kind: 'signal'; signal: 'SIGTERM' | 'SIGKILL'; text: string };

type Subject = 'memory' | 'cpu' | 'health';

interface Overrun {
  overMs: number;
  warned: boolean;
}

/**
 * When a process is warned about, ended, and ended by force. Pure: time and samples are given, signals are sent by the
 * caller. Another process under watch begins with a clean record.
 */
export class WatchPolicy {
  readonly #limits: WatchLimits;
  #process: string | null = null;
  #sinceMs = 0;
  #lastMs = 0;
  #overruns = new Map<Subject, Overrun>();
  #signalledAtMs: number | null = null;
  /** Whether this process was ever seen well; null: it was not, and that has been said. */
  #wasHealthy: boolean | null = false;
  #reason = '';

  constructor(limits: WatchLimits) {
    this.#limits = limits;
  }

  observe(nowMs: number, sample: Sample): WatchAction[] {
    const stepMs = Math.min(Math.max(0, nowMs - this.#lastMs), this.#limits.maxStepMs);
    this.#lastMs = nowMs;
    const actions: WatchAction[] = [];
    if (sample.process !== this.#process) {
      if (this.#process !== null && sample.process === null)
        actions.push({ kind: 'well', text: 'the process is gone' });
      if (sample.process !== null) actions.push({ kind: 'new', text: 'a process to watch' });
      this.#process = sample.process;
      this.#sinceMs = nowMs;
      this.#overruns.clear();
      this.#signalledAtMs = null;
      this.#wasHealthy = sample.healthy === true;
    } else if (sample.process !== null) {
      actions.push(...(this.#signalledAtMs === null ? this.#judge(nowMs, stepMs, sample) : this.#insist(nowMs)));
    }
    return actions;
  }

  #judge(nowMs: number, stepMs: number, sample: Sample): WatchAction[] {
    const { rssWarnBytes, rssMaxBytes, cpuWarnPercent, cpuMaxPercent, startMs } = this.#limits;
    const young = nowMs - this.#sinceMs < startMs;
    const { rssBytes, healthy } = sample;
    if (healthy) this.#wasHealthy = true;
    const cpu = young ? null : sample.cpuPercent;
    const actions = [
      ...this.#doubtHealth(young, healthy),
      ...this.#weigh('memory', stepMs, above(rssBytes, rssWarnBytes), above(rssBytes, rssMaxBytes), mib(rssBytes)),
      ...this.#weigh('cpu', stepMs, above(cpu, cpuWarnPercent), above(cpu, cpuMaxPercent), `${Math.round(cpu ?? 0)} %`),
      ...this.#weigh(
        'health',
        stepMs,
        false,
        !young && this.#wasHealthy === true && healthy === false,
        'no good answer',
      ),
    ];
    for (const [subject, { overMs }] of this.#overruns) {
      if (overMs < this.#limits.forMs) continue;
      this.#reason = `${subject} over its limit for ${seconds(overMs)}`;
      this.#signalledAtMs = nowMs;
      return [...actions, { kind: 'signal', signal: 'SIGTERM', text: this.#reason }];
    }
    return actions;
  }

  /** One that never answered may be asked at the wrong address, and would be ended again and again for that. */
  #doubtHealth(young: boolean, healthy: boolean | null): WatchAction[] {
    if (young || healthy !== false || this.#wasHealthy !== false) return [];
    this.#wasHealthy = null;
    return [
      { kind: 'warn', text: 'no good answer about its health since it began: is the address right? Nothing is done' },
    ];
  }

  #weigh(subject: Subject, stepMs: number, warn: boolean, over: boolean, figure: string): WatchAction[] {
    const record = this.#overruns.get(subject) ?? { overMs: 0, warned: false };
    this.#overruns.set(subject, record);
    record.overMs = over ? record.overMs + stepMs : 0;
    if ((warn || over) === record.warned) return [];
    record.warned = !record.warned;
    if (!record.warned) return [{ kind: 'well', text: `${subject} is well again (${figure})` }];
    const limit = over ? `over its limit; it is ended after ${seconds(this.#limits.forMs)} of it` : 'high';
    return [{ kind: 'warn', text: `${subject} is ${limit} (${figure})` }];
  }

  #insist(nowMs: number): WatchAction[] {
    if (nowMs - this.#signalledAtMs! < this.#limits.graceMs) return [];
    this.#signalledAtMs = nowMs;
    const text = `${this.#reason}, and still there ${seconds(this.#limits.graceMs)} after a signal`;
    return [{ kind: 'signal', signal: 'SIGKILL', text }];
  }
}

const above = (value: number | null, limit: number | null): boolean =>
  value !== null && limit !== null && value > limit;
const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
