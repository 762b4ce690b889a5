import { loadConfig } from './config/flags.js';
import { runServer } from './server.js';
import { exitOnError } from './ops/exit.js';

await exitOnError('lanecast', async () => {
  const server = await runServer(loadConfig(process.argv.slice(2), process.env));
  await server.finished;
});
