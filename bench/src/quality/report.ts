import { formatTable } from '../table.js';
import type { Speed } from './speed.js';
import type { ApSummary } from './average-precision.js';
import type { Evaluation } from './evaluate.js';

export interface ModelResult extends Evaluation {
  model: string;
  license: string;
  width: number;
  height: number;
  speed: Speed;
  /** By the file names' first part, such as `atl` and `vid`. */
  parts: Record<string, ApSummary>;
}

const share = (value: number | null): string => (value === null ? '-' : value.toFixed(3));

export function formatResults(results: readonly ModelResult[]): string {
  const header = ['model', 'of', 'boxes', 'AP50', 'AP50:95', 'recall', 'ms', 'frames/s'];
  const rows = results.flatMap((result) => {
    const groups: [string, ApSummary][] = [['vehicle', result.vehicle], ...Object.entries(result.classes)];
    if (Object.keys(result.parts).length > 1)
      groups.push(...Object.entries(result.parts).map(([part, summary]): [string, ApSummary] => [`${part}*`, summary]));
    return groups.map(([name, { ap50, ap50to95, recall50, truths }], i) => [
      i === 0 ? `${result.model} ${result.width}x${result.height}` : '',
      name,
      String(truths),
      share(ap50),
      share(ap50to95),
      share(recall50),
      i === 0 ? result.speed.medianMs.toFixed(1) : '',
      i === 0 ? (1000 / result.speed.medianMs).toFixed(0) : '',
    ]);
  });
  return formatTable(header, rows);
}
