/** Entry of an ingest worker thread: routes messages to its streams. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pulse } from '../core/pulse.js';
import { WorkSignal } from '../core/work-signal.js';
import { systemClock } from '../ops/clock.js';
import { sufferDebugFaults } from '../ops/debug-faults.js';
import { quietFfmpeg } from '../ops/quiet-ffmpeg.js';
import { type NvdecDevice, openNvdecDevice } from './decode/nvdec-device.js';
import type { FromIngest, IngestWorkerData, ToIngest } from './messages.js';
import { IngestStream } from './stream.js';

const COUNTERS_EVERY_MS = 250;

quietFfmpeg();
const port = parentPort!;
const data = workerData as IngestWorkerData;
const signal = new WorkSignal(data.signal);
const pulse = new Pulse(data.pulse);
const streams = new Map<number, IngestStream>();

/** One for all streams of this thread, opened by the first that decodes on the GPU. */
let device: NvdecDevice | null = null;
const openDevice = (): NvdecDevice => {
  if (device) return device;
  pulse.patient = true; // a GPU that nobody uses may take many seconds to wake
  try {
    return (device = openNvdecDevice());
  } finally {
    pulse.patient = false;
  }
};

const post = (message: FromIngest): void => {
  const transfer = message.type === 'snapshot' && message.picture ? [message.picture.data.buffer as ArrayBuffer] : [];
  port.postMessage(message, transfer);
};

const timer = setInterval(() => {
  pulse.beat();
  for (const stream of streams.values()) stream.postCounters();
}, COUNTERS_EVERY_MS);

function handle(message: ToIngest): void {
  switch (message.type) {
    case 'add': {
      const stream = new IngestStream(message.stream, systemClock, signal, openDevice, post);
      streams.set(message.stream.index, stream);
      stream.start();
      return;
    }
    case 'remove':
      streams.get(message.index)?.close();
      streams.delete(message.index);
      return;
    case 'tracked':
      streams.get(message.index)?.tracked(message.message);
      return;
    case 'openTile':
      streams.get(message.index)?.path.tiles.open(message);
      return;
    case 'closeTile':
      streams.get(message.index)?.path.tiles.close(message.tile);
      return;
    case 'snapshot': {
      const { index, request } = message;
      const stream = streams.get(index);
      if (stream) stream.path.requestSnapshot((picture) => post({ type: 'snapshot', index, request, picture }));
      else post({ type: 'snapshot', index, request, picture: null });
      return;
    }
    case 'lending':
      streams.get(message.index)?.path.lending(message);
      return;
    case 'subscribe':
      streams.get(message.index)?.subscribe(message.port, message.progress);
      return;
    case 'close':
      clearInterval(timer);
      for (const stream of streams.values()) stream.close();
      streams.clear();
      device?.close();
      port.close();
  }
}

port.on('message', handle);
sufferDebugFaults('ingest', (id) => [...streams.values()].some((stream) => stream.id === id));
