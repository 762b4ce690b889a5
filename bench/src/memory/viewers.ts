/** Viewers without a picture: they take what the server sends, as a browser or a player would, and count it. */
import { get, type IncomingMessage, request } from 'node:http';
import { RTCPeerConnection, useH264 } from 'werift';
import { WebSocket } from 'ws';
import type { ServerMessage } from '@lanecast/server/core/signalling/messages';
import type { ViewerKind } from './churn.js';

/** Somebody who watches. */
export interface Viewer {
  /** Of pictures, packets, messages. */
  readonly bytes: number;
  /** Leaves; `rude`: cuts the connection instead of saying goodbye. May be called twice. */
  leave(rude: boolean): Promise<void>;
}

const ANSWER_TIMEOUT_MS = 15_000;
/** A dashboard that falls silent is ended. */
const PING_EVERY_MS = 5000;

const present = new Set<Viewer>();

/** Begins to watch; rejects when the server refuses. */
export async function openViewer(kind: ViewerKind, url: string, stream: string): Promise<Viewer> {
  const opened = await open(kind, url, stream);
  const viewer: Viewer = {
    get bytes() {
      return opened.bytes;
    },
    leave: (rude) => {
      present.delete(viewer);
      return opened.leave(rude);
    },
  };
  present.add(viewer);
  return viewer;
}

/** Whoever was forgotten, because something failed before it could leave. */
export async function leaveAll(): Promise<void> {
  await Promise.all([...present].map((viewer) => viewer.leave(true)));
}

function open(kind: ViewerKind, url: string, stream: string): Promise<Viewer> {
  switch (kind) {
    case 'mjpeg-grid':
      return openHttp(`${url}/stream`);
    case 'mjpeg-stream':
      return openHttp(`${url}/stream/${stream}`);
    case 'snapshot':
      return openHttp(`${url}/snapshot/${stream}.jpg`);
    case 'events':
      return openHttp(`${url}/api/tracks`);
    case 'whep':
      return openWhep(url, stream);
    case 'dashboard':
      return openDashboard(url);
  }
}

/** An answer that is read until one leaves. */
function openHttp(url: string): Promise<Viewer> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false });
    let bytes = 0;
    asked.once('error', reject);
    asked.once('response', (response: IncomingMessage) => {
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      // Ended by whoever leaves.
      response.on('error', () => undefined);
      resolve({
        get bytes() {
          return bytes;
        },
        leave: (rude) => {
          if (rude && asked.socket && 'resetAndDestroy' in asked.socket) asked.socket.resetAndDestroy();
          else asked.destroy();
          return Promise.resolve();
        },
      });
    });
  });
}

function connectPeer(): RTCPeerConnection {
  return new RTCPeerConnection({
    codecs: { video: [useH264()] },
    iceServers: [],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceUseIpv6: false,
    bundlePolicy: 'max-bundle',
  });
}

/** Counts what comes by RTP. */
function addVideo(peer: RTCPeerConnection, count: (bytes: number) => void): void {
  const transceiver = peer.addTransceiver('video', { direction: 'recvonly' });
  transceiver.onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe(({ payload }) => count(payload.length));
  });
}

async function offerOf(peer: RTCPeerConnection): Promise<string> {
  const offer = await peer.createOffer();
  // Else werift asks a server of Google's for its address, and waits for it.
  for (const { connection } of peer.iceTransports) (connection as { stunServer?: unknown }).stunServer = undefined;
  await peer.setLocalDescription(offer);
  return peer.localDescription!.sdp;
}

/** The SDP of a player that will never connect. */
export async function whepOffer(): Promise<string> {
  const peer = connectPeer();
  addVideo(peer, () => undefined);
  const sdp = await offerOf(peer);
  await peer.close();
  return sdp;
}

async function openWhep(url: string, stream: string): Promise<Viewer> {
  const peer = connectPeer();
  let bytes = 0;
  addVideo(peer, (more) => (bytes += more));
  try {
    const { body, location } = await postOffer(`${url}/whep/${stream}`, await offerOf(peer));
    await peer.setRemoteDescription({ type: 'answer', sdp: body });
    let left = false;
    return {
      get bytes() {
        return bytes;
      },
      leave: async (rude) => {
        if (left) return;
        left = true;
        // Rudely: the server learns it from DTLS, or from silence.
        if (!rude) await fetch(new URL(location, url), { method: 'DELETE' });
        await peer.close();
      },
    };
  } catch (error) {
    await peer.close();
    throw error;
  }
}

function postOffer(url: string, sdp: string): Promise<{ body: string; location: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/sdp', 'Content-Length': Buffer.byteLength(sdp) };
    const asked = request(url, { method: 'POST', headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        const { location } = response.headers;
        if (response.statusCode === 201 && location) resolve({ body, location });
        else reject(new Error(`WHEP answered ${response.statusCode}: ${body}`));
      });
    });
    asked.on('error', reject);
    asked.end(sdp);
  });
}

/** All streams on one connection, and the track messages, as the dashboard has them. */
async function openDashboard(url: string): Promise<Viewer> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const peer = connectPeer();
  let bytes = 0;
  const count = (more: number): void => void (bytes += more);
  const close = async (rude: boolean): Promise<void> => {
    clearInterval(pings);
    if (rude) socket.terminate();
    else socket.close();
    await peer.close();
  };
  const say = (message: object): void => socket.send(JSON.stringify(message));
  const pings = setInterval(() => {
    if (socket.readyState === socket.OPEN) say({ type: 'ping', sentAtMs: performance.now() });
  }, PING_EVERY_MS);
  const heard = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server did not answer on /ws')), ANSWER_TIMEOUT_MS);
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    };
    socket.on('error', settle);
    socket.on('close', () => settle(new Error('the server closed /ws')));
    socket.on('open', () => say({ type: 'hello', version: 1, mode: 'smooth' }));
    socket.on('message', (data: Buffer) => {
      receive(JSON.parse(data.toString()) as ServerMessage).catch(settle);
    });
    const receive = async (message: ServerMessage): Promise<void> => {
      if (message.type === 'error') settle(new Error(message.message));
      else if (message.type === 'welcome') {
        const shown = message.streams.filter(({ carriage }) => carriage === 'webrtc');
        const channel = peer.createDataChannel('tracks', { ordered: false, maxRetransmits: 1 });
        channel.onMessage.subscribe((data) => count(data.length));
        for (let i = 0; i < shown.length; i++) addVideo(peer, count);
        const sdp = await offerOf(peer);
        const mids = [...sdp.matchAll(/^m=video[^]*?^a=mid:(\S+)/gm)].map(([, mid]) => mid!);
        say({ type: 'offer', sdp, streams: shown.map(({ id }, i) => ({ mid: mids[i], stream: id })) });
        say({ type: 'watch', streams: shown.map(({ id }) => id) });
      } else if (message.type === 'answer') {
        await peer.setRemoteDescription({ type: 'answer', sdp: message.sdp });
        settle();
      } else if (message.type === 'candidate' && message.candidate)
        await peer.addIceCandidate({ candidate: message.candidate, sdpMid: message.mid ?? '0' });
    };
  });
  try {
    await heard;
  } catch (error) {
    await close(true);
    throw error;
  }
  let left = false;
  return {
    get bytes() {
      return bytes;
    },
    leave: async (rude) => {
      if (left) return;
      left = true;
      await close(rude);
    },
  };
}
