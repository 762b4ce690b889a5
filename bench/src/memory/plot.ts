/** A run of bench:memory as an SVG picture: memory with its line, then what is counted. */
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { MemoryReport } from './report.js';
import type { MemorySample } from './samples.js';

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const WIDTH = 920;
const HEIGHT = 640;

interface Curve {
  name: string;
  colour: string;
  of: (sample: MemorySample) => number;
}

const PANELS: readonly { title: string; curves: readonly Curve[] }[] = [
  {
    title: 'resident memory (MiB)',
    curves: [{ name: 'resident', colour: '#2e86ab', of: ({ rss }) => rss }],
  },
  {
    title: "the main thread's heap (MiB)",
    curves: [
      { name: 'heap', colour: '#b08968', of: ({ heapTotal }) => heapTotal },
      { name: 'heap in use', colour: '#9aa0a6', of: ({ heapUsed }) => heapUsed },
      { name: 'external', colour: '#1b9e77', of: ({ external }) => external },
      { name: 'array buffers', colour: '#7570b3', of: ({ arrayBuffers }) => arrayBuffers },
    ],
  },
  {
    title: 'counted',
    curves: [
      { name: 'descriptors', colour: '#d1495b', of: ({ descriptors }) => descriptors },
      { name: 'handles', colour: '#e08e45', of: ({ handles }) => handles },
      { name: 'threads', colour: '#5f6b75', of: ({ threads }) => threads },
      { name: 'viewers', colour: '#66a61e', of: ({ viewers }) => viewers },
    ],
  },
];

const TOPS = [44, 270, 440];
const HEIGHTS = [180, 120, 120];

export function plotMemory(report: MemoryReport): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const { samples, verdict } = report;
  const minutes = (timeS: number): number => timeS / 60;
  const { slope } = verdict;
  const fitted = slope
    ? [slope.blocks[0]!, slope.blocks.at(-1)!].map(({ timeS }) => [
        minutes(timeS),
        slope.startValue + (slope.slopePerHour * (timeS - slope.blocks[0]!.timeS)) / 3600,
      ])
    : [];
  const line = slope
    ? `, ${slope.slopePerHour.toFixed(2)} MiB/hour (95 %: ${slope.lowerPerHour.toFixed(2)} to ${slope.upperPerHour.toFixed(2)})`
    : '';
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: PANELS.map(({ title }, i) => ({
      text: i === 0 ? title + line : title,
      left: 60,
      top: TOPS[i]! - 34,
      textStyle: { fontSize: 13, fontWeight: 600 },
    })),
    legend: { bottom: 4, itemGap: 14 },
    grid: PANELS.map((_, i) => ({ left: 60, right: 30, top: TOPS[i], height: HEIGHTS[i] })),
    xAxis: PANELS.map((_, i) => ({
      gridIndex: i,
      type: 'value',
      min: Math.floor(minutes(samples[0]?.timeS ?? 0)),
      max: Math.ceil(minutes(samples.at(-1)?.timeS ?? 0)),
      ...(i === PANELS.length - 1 && { name: 'minutes (before 0: warm-up)', nameLocation: 'middle', nameGap: 24 }),
    })),
    yAxis: PANELS.map((_, i) => ({ gridIndex: i, type: 'value', scale: i === 0 })),
    series: [
      ...PANELS.flatMap(({ curves }, i) =>
        curves.map(({ name, colour, of }) => ({
          name,
          type: 'line',
          xAxisIndex: i,
          yAxisIndex: i,
          data: samples.map((sample) => [minutes(sample.timeS), of(sample)]),
          showSymbol: false,
          lineStyle: { width: 1.2 },
          color: colour,
        })),
      ),
      {
        name: 'fitted',
        type: 'line',
        xAxisIndex: 0,
        yAxisIndex: 0,
        data: fitted,
        showSymbol: false,
        lineStyle: { width: 2, type: 'dashed' },
        color: '#d1495b',
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
