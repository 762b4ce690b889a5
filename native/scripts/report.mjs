// Says how building the addon went: npm hides what a workspace's own install script prints, not what the root's does.
import { existsSync, readFileSync } from 'node:fs';

const report = new URL('../build/report.txt', import.meta.url);
if (existsSync(report)) process.stdout.write(readFileSync(report, 'utf8'));
else console.log('lanecast: the NMS addon was not built (install scripts did not run): npm rebuild @lanecast/native');
