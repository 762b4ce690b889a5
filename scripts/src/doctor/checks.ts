/** What `npm run doctor` looks at. Each check is a function of its own; none throws. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { describeModel } from '@lanecast/models/describe';
import { nmsInfo, type NmsInfo } from '@lanecast/native';
import { messageOf } from '@lanecast/server/core/errors';
import { cudaMissingReason } from '@lanecast/server/detect/execution-provider';
import { quietFfmpeg } from '@lanecast/server/ops/quiet-ffmpeg';
import { findDefaultModel } from '@lanecast/server/pipeline/locate-model';
import { findFfmpeg, findOnPath } from '../publish/ffmpeg-binary.js';
import { proveNvdec } from '../cuda/proofs.js';
import type { Check, Finding } from './check.js';

const OLDEST_NODE = [20, 19] as const;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const good = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const text = `${version}, ${availableParallelism()} cores`;
  if (good) return { subject: 'Node', verdict: 'ok', text };
  return { subject: 'Node', verdict: 'fail', text, fix: `install Node ${OLDEST_NODE.join('.')} or newer` };
}

export function checkThreadPool(size: string | undefined = process.env['UV_THREADPOOL_SIZE']): Finding {
  const subject = 'libuv pool';
  if (Number(size) >= 16) return { subject, verdict: 'ok', text: `UV_THREADPOOL_SIZE=${size}` };
  return {
    subject,
    verdict: 'note',
    text: `UV_THREADPOOL_SIZE=${size ?? 'unset'}`,
    fix: 'start with server/bin/lanecast or npm start, which set it',
  };
}

export const checkDecoders: Check = async () => {
  const subject = 'decoder';
  try {
    const [{ Codec }, { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC }] = await Promise.all([
      import('node-av/lib'),
      import('node-av/constants'),
    ]);
    const wanted = [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC] as const;
    const missing = ['H.264', 'H.265'].filter((_, i) => !Codec.findDecoder(wanted[i]!));
    if (missing.length === 0) return { subject, verdict: 'ok', text: 'FFmpeg in process (node-av): H.264, H.265' };
    return { subject, verdict: 'fail', text: `node-av's FFmpeg lacks ${missing.join(', ')}`, fix: 'npm ci' };
  } catch (error) {
    return {
      subject,
      verdict: 'fail',
      text: `node-av does not load: ${messageOf(error)}`,
      fix: 'npm ci (its binary is an optional package for your platform)',
    };
  }
};

export const checkFfmpeg: Check = async () => {
  const { binary, description } = await findFfmpeg();
  const subject = 'ffmpeg program';
  if (binary) return { subject, verdict: 'ok', text: description };
  return {
    subject,
    verdict: 'note',
    text: `${description}; clips are published in process`,
    fix: 'scripts/setup-system, or set FFMPEG_BIN',
  };
};

export const checkInference: Check = async () => {
  const subject = 'ONNX Runtime';
  try {
    const { env } = await import('onnxruntime-node');
    return { subject, verdict: 'ok', text: `${env.versions.node ?? env.versions.common}, CPU provider` };
  } catch (error) {
    return { subject, verdict: 'fail', text: `does not load: ${messageOf(error)}`, fix: 'npm ci' };
  }
};

export function checkCuda(reason: string | null = cudaMissingReason()): Finding {
  const subject = 'CUDA';
  if (reason === null) return { subject, verdict: 'ok', text: "the provider's library is in place" };
  return {
    subject,
    verdict: 'note',
    text: `${reason}: detection runs on the CPU`,
    fix: 'on a machine with an NVIDIA GPU: npm run setup:cuda',
  };
}

export function checkNvdec(prove: () => ReturnType<typeof proveNvdec> = proveNvdec): Finding {
  quietFfmpeg();
  const { finding, device } = prove();
  device?.close();
  if (finding.verdict === 'ok') return finding;
  return {
    ...finding,
    verdict: 'note',
    text: `${finding.text}: decoding runs in software`,
    fix: 'on a machine with an NVIDIA GPU: npm run setup:cuda',
  };
}

export function checkNms(info: NmsInfo = nmsInfo()): Finding {
  const subject = 'NMS';
  if (info.cpuMissingReason !== null) {
    return {
      subject,
      verdict: 'note',
      text: `TypeScript: ${info.cpuMissingReason}`,
      fix: 'scripts/setup-system, then npm rebuild @lanecast/native',
    };
  }
  if (info.device !== null) {
    const { name, computeCapability } = info.device;
    return { subject, verdict: 'ok', text: `C++, and CUDA where that is faster: ${name}, sm_${computeCapability}` };
  }
  // A machine without a GPU has all that it can have.
  return { subject, verdict: 'ok', text: `C++; no CUDA: ${info.cudaMissingReason ?? 'unknown'}` };
}

export function checkModel(path: string | null = findDefaultModel()): Finding {
  const subject = 'model';
  if (path === null) {
    return {
      subject,
      verdict: 'note',
      text: 'none installed',
      fix: 'name one with --model FILE (a stock YOLOv8/YOLO11 ONNX export will do), or put it into models/cache/',
    };
  }
  try {
    const model = describeModel(path);
    const text =
      model.kind === 'pipeline'
        ? `${path}: ${model.source} ${model.width}x${model.height} ${model.precision}`
        : `${path}: a stock export, prepared at the first start`;
    return { subject, verdict: 'ok', text };
  } catch (error) {
    return {
      subject,
      verdict: 'fail',
      text: messageOf(error),
      fix: `remove ${path}, or name another with --model FILE`,
    };
  }
}

/** `null`: the port is free; else why not. */
function portProblem(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
  });
}

export const checkPort =
  (port: number, purpose: string, fix: string): Check =>
  async () => {
    const problem = await portProblem(port);
    const subject = `port ${port}`;
    if (problem === null) return { subject, verdict: 'ok', text: `free (${purpose})` };
    return { subject, verdict: 'note', text: `not free: ${problem} (${purpose})`, fix };
  };

export const checkMediaMtx: Check = async () => {
  const subject = 'MediaMTX';
  try {
    return { subject, verdict: 'ok', text: await findOnPath('mediamtx') };
  } catch {
    return {
      subject,
      verdict: 'note',
      text: 'not on PATH: `npm run streams` uses the embedded RTSP server',
      fix: 'optional: https://mediamtx.org',
    };
  }
};

export function checkBrowser(environment: NodeJS.ProcessEnv = process.env): Finding {
  const subject = 'browser';
  const path = environment['PLAYWRIGHT_CHROMIUM'] ?? '/usr/bin/chromium';
  if (existsSync(path)) return { subject, verdict: 'ok', text: `${path} (for the browser tests)` };
  return {
    subject,
    verdict: 'note',
    text: `no ${path}: browser tests skip unless Playwright has its own`,
    fix: 'scripts/setup-system, or npx playwright install chromium',
  };
}
