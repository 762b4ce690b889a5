/** Entry of `lanecast-watchdog`, a process of its own: what watches must not hang with what is watched. */
import { systemClock } from '../clock.js';
import { exitOnError } from '../exit.js';
import { createLogger } from '../logger.js';
import { createNotifier } from '../systemd/notifier.js';
import { ServiceManager } from '../systemd/service-manager.js';
import { watchOptions } from './options.js';
import { Watchdog } from './watchdog.js';

await exitOnError('lanecast-watchdog', async () => {
  const options = watchOptions(process.argv.slice(2));
  const log = createLogger(options.logLevel);
  const manager = new ServiceManager(createNotifier(process.env, log), process.env, process.pid, systemClock, log);
  const watchdog = new Watchdog(options, systemClock, log);
  let ready = false;
  watchdog.onLook = () => {
    if (!ready) manager.ready('watching');
    ready = true;
    manager.alive();
  };
  const close = (): void => {
    manager.stopping();
    watchdog.close();
  };
  process.once('SIGTERM', close);
  process.once('SIGINT', close);
  await watchdog.finished;
});
