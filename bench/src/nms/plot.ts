/** Time against the number of boxes, as an SVG picture. */
import { init, use } from 'echarts/core';
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import type { NmsReport, NmsRow } from './report.js';

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

interface Curve {
  name: string;
  colour: string;
  of: (row: NmsRow) => { p50Ms: number } | { skipped: string } | undefined;
}

const CURVES: readonly Curve[] = [
  { name: 'NumPy', colour: '#9aa0a6', of: (row) => row.baselines.numpy },
  { name: 'torchvision, CPU', colour: '#b08968', of: (row) => row.baselines.torchvision },
  { name: 'torchvision, CUDA', colour: '#d1495b', of: (row) => row.baselines['torchvision-cuda'] },
  { name: 'Lanecast, CPU', colour: '#2e86ab', of: (row) => row.cpu },
  { name: 'Lanecast, CUDA, end to end', colour: '#1b9e77', of: (row) => row.cuda },
];

const WIDTH = 920;
const HEIGHT = 420;
const PANELS = ['uniform', 'clustered'] as const;

const short = (count: number): string =>
  count >= 1e6 ? `${count / 1e6} M` : count >= 1000 ? `${count / 1000} k` : `${count}`;

/** Two panels, both axes logarithmic. Curves without a point are left out. */
export function plotReport(report: NmsReport): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const points = (curve: Curve, panel: string): [number, number][] =>
    report.rows.flatMap((row) => {
      const cell = curve.of(row);
      const shown = row.images === 1 && row.distribution === panel && cell && 'p50Ms' in cell;
      return shown ? [[row.boxes, cell.p50Ms] as [number, number]] : [];
    });
  const panelWidth = (WIDTH - 130) / PANELS.length;
  const left = (i: number): number => 60 + i * (panelWidth + 60);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: PANELS.map((panel, i) => ({
      text: `${panel} boxes: milliseconds`,
      left: left(i),
      top: 8,
      textStyle: { fontSize: 14, fontWeight: 600 },
    })),
    legend: { bottom: 4, itemGap: 18 },
    grid: PANELS.map((_, i) => ({ left: left(i), width: panelWidth, top: 44, bottom: 84 })),
    xAxis: PANELS.map((_, i) => ({
      gridIndex: i,
      type: 'log',
      name: 'boxes',
      nameLocation: 'middle',
      nameGap: 26,
      min: 100,
      max: 1_000_000,
      axisLabel: { formatter: short },
    })),
    yAxis: PANELS.map((_, i) => ({
      gridIndex: i,
      type: 'log',
      min: 0.001,
      axisLabel: { formatter: (value: number) => value.toLocaleString('en') },
    })),
    series: PANELS.flatMap((panel, i) =>
      CURVES.filter((curve) => points(curve, panel).length > 0).map((curve) => ({
        name: curve.name,
        type: 'line',
        xAxisIndex: i,
        yAxisIndex: i,
        data: points(curve, panel),
        symbolSize: 6,
        lineStyle: { width: 2.5 },
        color: curve.colour,
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
