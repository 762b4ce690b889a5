import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { metricEntries, metricsPage } from './metrics-list.js';
import { metricsFixture } from './testing/metrics-fixture.js';

const PAGE = new URL('../../../docs/metrics.md', import.meta.url).pathname;

describe('docs/metrics.md', () => {
  it('lists the metrics that there are', async () => {
    const { metrics } = metricsFixture(true);
    await metrics.render();
    const entries = await metricEntries(metrics.registry);
    expect(entries.length).toBeGreaterThan(60);
    const page = metricsPage(entries);
    const options = await resolveConfig(PAGE);
    await expect(await format(page, { ...options, plugins: [], parser: 'markdown' })).toMatchFileSnapshot(PAGE);
  });
});
