import { describe, expect, it } from 'vitest';
import { type Stage, STAGES, type StageSummary } from '@lanecast/server/pipeline/api';
import { LatencyWindow } from '@lanecast/server/core/latency-window';
import type { RunResult } from './measure.js';
import { formatComparison, formatRun } from './report.js';

function run(timed: readonly Stage[]): RunResult {
  const stages = STAGES.map((stage): [Stage, StageSummary] => {
    const window = new LatencyWindow();
    if (timed.includes(stage)) window.record(1.5);
    return [stage, window.summary()];
  });
  return {
    label: 'as configured',
    detector: null,
    seconds: 10,
    streams: [],
    consumerFps: 0,
    meanBatch: 0,
    stages: Object.fromEntries(stages) as Record<Stage, StageSummary>,
    cpuCores: 0.5,
    rssMiB: 100,
  };
}

describe('formatRun', () => {
  it('shows no zero for a stage that was not timed', () => {
    const lines = formatRun(run(['ingest'])).split('\n');
    const row = (stage: string): string => lines.find((line) => line.includes(stage)) ?? '';
    expect(row('ingest').match(/1\.50/g)).toHaveLength(4);
    expect(row('infer').match(/n\/a/g)).toHaveLength(4);
    expect(lines.at(-1)).toContain('mean batch n/a');
  });
});

it('formatComparison shows no zero for a stage that was not timed', () => {
  expect(formatComparison([run([])]).match(/n\/a/g)).toHaveLength(3);
});
