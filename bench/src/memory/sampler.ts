/** Looks at a running server from outside (Linux' /proc) and asks it what only it knows (`/api/stats`). */
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { StreamInfo } from '@lanecast/server/core/types';
import type { OutputStats } from '@lanecast/server/outputs/output-stats';
import type { PipelineStats } from '@lanecast/server/pipeline/api';
import type { MemorySample } from './samples.js';

const MIB = 2 ** 20;

export interface Watched {
  viewers: number;
  /** With nobody watching; 0 while somebody is. */
  quietS: number;
  /** Garbage was collected lately, and nobody has come since. */
  collected: boolean;
}

export class Sampler {
  readonly #url: string;
  readonly #pid: number;
  readonly #settleS: number;
  #cpuSeconds: number | null = null;
  #sampledAtS = 0;

  /** @param settleS at rest is the server so long after the last viewer has left. */
  constructor(url: string, pid: number, settleS: number) {
    this.#url = url;
    this.#pid = pid;
    this.#settleS = settleS;
  }

  /** @throws Error when the server is gone or does not answer. */
  async sample(timeS: number, { viewers, quietS, collected }: Watched): Promise<MemorySample> {
    const stats = await askJson<PipelineStats & { outputs: OutputStats }>(`${this.#url}/api/stats`);
    const streams = await askJson<StreamInfo[]>(`${this.#url}/api/streams`);
    const status = statusOf(this.#pid);
    const { process: used, outputs } = stats;
    const timers = Object.entries(used.activeResources).filter(([kind]) => TIMERS.has(kind));
    const resources = Object.values(used.activeResources).reduce((sum, count) => sum + count, 0);
    const timerCount = timers.reduce((sum, [, count]) => sum + count, 0);
    const liveStreams = streams.filter(({ state }) => state === 'live').length;
    const { mjpeg, events, webrtc } = outputs;
    const guests = mjpeg.clients + events.clients + webrtc.sessions + webrtc.whepSessions + webrtc.peers;
    return {
      timeS,
      rss: status.rssKib / 1024,
      rssAnonymous: status.anonymousKib / 1024,
      heapUsed: used.heapUsedBytes / MIB,
      heapTotal: used.heapTotalBytes / MIB,
      external: used.externalBytes / MIB,
      arrayBuffers: used.arrayBuffersBytes / MIB,
      descriptors: readdirSync(`/proc/${this.#pid}/fd`).length,
      threads: status.threads,
      handles: resources - timerCount,
      timers: timerCount,
      cpu: this.#cpuShare(timeS),
      viewers,
      liveStreams,
      guests,
      collected,
      atRest: viewers === 0 && quietS >= this.#settleS && liveStreams === streams.length,
    };
  }

  #cpuShare(timeS: number): number {
    const seconds = cpuSecondsOf(this.#pid);
    const share =
      this.#cpuSeconds === null ? 0 : (seconds - this.#cpuSeconds) / Math.max(0.001, timeS - this.#sampledAtS);
    this.#cpuSeconds = seconds;
    this.#sampledAtS = timeS;
    return share;
  }
}

const TIMERS = new Set(['Timeout', 'Immediate']);

function statusOf(pid: number): { rssKib: number; anonymousKib: number; threads: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? NaN);
  return { rssKib: field('VmRSS'), anonymousKib: field('RssAnon'), threads: field('Threads') };
}

/** User and system time (proc(5): fields 14 and 15 of stat, in clock ticks of 10 ms). */
function cpuSecondsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program may have spaces and brackets in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** By a connection of its own each time, so that what is counted does not depend on a pool's mood. */
export function askJson<T>(url: string, timeoutMs = 10_000): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(body) as T);
        else reject(new Error(`${url} answered ${response.statusCode}: ${body}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url} did not answer in ${timeoutMs} ms`)));
    asked.on('error', reject);
  });
}
