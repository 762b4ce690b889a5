const GATHER_TIMEOUT_MS = 2000;

/** A live camera of this server, watched as any WHEP player would (draft-ietf-wish-whep). */
export interface CameraVideo {
  stream: MediaStream;
  /** May be called twice. */
  close(): void;
}

/** Rejects with what the server says, or where the browser has no WebRTC. */
export async function watchCamera(id: string, signal: AbortSignal): Promise<CameraVideo> {
  const peer = new RTCPeerConnection();
  let session: string | null = null;
  const close = (): void => {
    peer.close();
    // Best effort: the server also notices by itself.
    if (session !== null) fetch(session, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    session = null;
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
    await peer.setLocalDescription();
    await gathered(peer);
    const response = await fetch(`/whep/${encodeURIComponent(id)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: peer.localDescription!.sdp,
      signal,
    });
    if (!response.ok) throw new Error(await reasonOf(response));
    session = response.headers.get('Location');
    await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    return { stream: new MediaStream([receiver.track]), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Without trickling the offer must hold the candidates. */
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_TIMEOUT_MS);
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { detail } = (await response.json()) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Then the status has to do.
  }
  return `the server answered ${response.status}`;
}
