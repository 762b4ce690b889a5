import { STAGES, type StageSummary } from '@lanecast/server/pipeline/api';
import { formatTable } from '../table.js';
import { resourceShares } from './fullest.js';
import type { RunResult } from './measure.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const NOT_TIMED = 'n/a';
const timed = ({ count }: StageSummary, valueMs: number): string => (count > 0 ? valueMs.toFixed(2) : NOT_TIMED);

/** What it ran on, in one line. */
export function describeRun({ detector, decode, seconds }: RunResult): string {
  const decoding = decode ? `, decoding: ${decode.backend}` : '';
  if (!detector) return `no detection, ${seconds.toFixed(0)} s`;
  const { model, inputWidth, inputHeight, precision, executionProvider, maxBatch, nmsBackend } = detector;
  return `${model} ${inputWidth}x${inputHeight} ${precision}, ${executionProvider}, batches up to ${maxBatch}, NMS ${nmsBackend}${decoding}, ${seconds.toFixed(0)} s`;
}

/** The two tables: per stream, and per stage. */
export function formatRun(run: RunResult): string {
  const streams = formatTable(
    ['stream', 'source', 'decoded fps', 'fps', 'drop rate', 'packets lost'],
    run.streams.map((s) => [
      s.id,
      `${s.width}x${s.height}`,
      s.decodedFps.toFixed(1),
      s.fps.toFixed(1),
      percent(s.dropRate),
      String(s.packetsLost),
    ]),
  );
  const stages = formatTable(
    ['stage (ms)', 'mean', 'min', 'p50', 'p99', 'frames'],
    STAGES.map((stage) => {
      const s = run.stages[stage];
      return [stage, ...[s.meanMs, s.minMs, s.p50Ms, s.p99Ms].map((value) => timed(s, value)), String(s.count)];
    }),
  );
  const sum = `consumer fps ${run.consumerFps.toFixed(1)} (mean batch ${run.detector ? run.meanBatch.toFixed(2) : NOT_TIMED}), ${run.cpuCores.toFixed(2)} cores busy, RSS ${run.rssMiB.toFixed(0)} MiB${describeShares(run)}`;
  return `${run.label}: ${describeRun(run)}\n\n${streams}\n\n${stages}\n\n${sum}`;
}

function describeShares(run: RunResult): string {
  const shares = resourceShares(run).map(([name, share]) => `${name} ${percent(share)}`);
  return shares.length > 0 ? `; used: ${shares.join(', ')}` : '';
}

/** More and more streams, one row each. */
export function formatSweep(runs: readonly RunResult[]): string {
  return formatTable(
    ['streams', 'fps', 'drop rate', 'packet to tracks p50', 'p95', 'p99', 'decoding', 'fullest', ''],
    runs.map((run) => {
      const { endToEnd } = run.stages;
      const decoded = run.streams.reduce((sum, s) => sum + s.decodedFps, 0);
      const [name, share] = resourceShares(run)[0] ?? ['-', 0];
      return [
        String(run.streams.length),
        run.consumerFps.toFixed(0),
        percent(decoded > 0 ? Math.max(0, 1 - run.consumerFps / decoded) : 0),
        ...[endToEnd.p50Ms, endToEnd.p95Ms, endToEnd.p99Ms].map((value) => timed(endToEnd, value)),
        run.decode?.backend ?? '-',
        name,
        percent(share),
      ];
    }),
  );
}

/** Several configurations of the same work, one row each. */
export function formatComparison(runs: readonly RunResult[]): string {
  return formatTable(
    ['run', 'input', 'max batch', 'consumer fps', 'fps/stream', 'drop rate', 'infer p50', 'end-to-end p50', 'p99'],
    runs.map((run) => {
      const { detector, stages } = run;
      const decoded = run.streams.reduce((sum, s) => sum + s.decodedFps, 0);
      return [
        run.label,
        detector ? `${detector.inputWidth}x${detector.inputHeight}` : '-',
        detector ? String(detector.maxBatch) : '-',
        run.consumerFps.toFixed(1),
        (run.consumerFps / run.streams.length).toFixed(1),
        percent(decoded > 0 ? Math.max(0, 1 - run.consumerFps / decoded) : 0),
        timed(stages.infer, stages.infer.p50Ms),
        timed(stages.endToEnd, stages.endToEnd.p50Ms),
        timed(stages.endToEnd, stages.endToEnd.p99Ms),
      ];
    }),
  );
}
