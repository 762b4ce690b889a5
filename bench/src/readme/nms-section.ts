import { cells, HEADER, type NmsReport } from '../nms/report.js';
import { markdownTable } from './markdown-table.js';

/** The README's table of suppression times, as lines of Markdown. */
export function nmsSection({ machine, gpu, software, iouThreshold, rows }: NmsReport): string[] {
  const { cpu, cores, node } = machine;
  const others = ['numpy', 'torch', 'torchvision'].flatMap((name) =>
    software[name] ? [`${name} ${software[name]}`] : [],
  );
  const where = [gpu?.name ?? 'no GPU', `${cores} cores of ${cpu}`, `Node ${node.replace('v', '')}`, ...others];
  return [
    `Non-maximum suppression, milliseconds (ours: median / 99th percentile), IoU ${iouThreshold}, on one machine in one` +
      ` run (${where.join(', ')}). Ours takes boxes from ordinary host memory and gives the indices back there;` +
      ' torchvision CUDA has its boxes on the GPU, and leaves the indices there. The ratio compares these two:',
    '',
    markdownTable(HEADER, rows.map(cells)),
    '',
  ];
}
