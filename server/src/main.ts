import { readSetup } from './config/setup.js';
import { runServer } from './server.js';
import { exitOnError } from './ops/exit.js';

await exitOnError('lanecast', async () => {
  const server = await runServer(readSetup(process.argv.slice(2), process.env));
  await server.finished;
});
