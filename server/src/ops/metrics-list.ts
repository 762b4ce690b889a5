import type { Registry } from 'prom-client';

/** One metric, as docs/metrics.md lists it. */
export interface MetricEntry {
  name: string;
  type: string;
  labels: string[];
  help: string;
}

/** What a registry holds, by name. Labels are read off the values: give it one of which every metric has some. */
export async function metricEntries(registry: Registry): Promise<MetricEntry[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .map(({ name, type, help, values }) => ({
      name,
      type: String(type),
      help,
      labels: [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== 'le'),
    }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

const INTRODUCTION = `# Metrics

\`GET /metrics\` answers in Prometheus' text format. Values are read when they are scraped. Times are in seconds, sizes in
bytes, shares from 0 to 1. Counters begin at zero when the server starts; the series of a camera that is removed end.

This list is made from the code (a test holds the two together; \`npx vitest run --project unit metrics-list -u\` writes
it anew). [operations.md](operations.md) says which of them to watch.
`;

/** docs/metrics.md, before Prettier has set its table. */
export function metricsPage(entries: readonly MetricEntry[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = entries.map(({ name, type, labels, help }) => {
    const labelled = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${labelled} | ${cell(help)} |`;
  });
  return [INTRODUCTION, '| name | type | labels | what |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
