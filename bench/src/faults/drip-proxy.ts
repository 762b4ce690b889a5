import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

const TICK_MS = 100;

/** A way to a TCP server that can be made to let only a few bytes a second through, one after the other. */
export class DripProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #held = new Map<Socket, Buffer[]>();
  #bytesPerTick: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  static async listen(host: string, port: number): Promise<DripProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new DripProxy(server, host, port);
  }

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    server.on('connection', (client) => this.#join(client, connect(port, host)));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on bytes to the reader drip. */
  drip(bytesPerS: number): void {
    this.#bytesPerTick = Math.max(1, Math.round((bytesPerS * TICK_MS) / 1000));
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** All flows again, what was held first. */
  flow(): void {
    this.#bytesPerTick = null;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    for (const [client, held] of this.#held) for (const chunk of held.splice(0)) client.write(chunk);
  }

  close(): void {
    this.flow();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(client: Socket, camera: Socket): void {
    const held: Buffer[] = [];
    this.#held.set(client, held);
    for (const [socket, other] of [
      [client, camera],
      [camera, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#held.delete(client);
        other.destroy();
      });
    }
    client.on('data', (chunk) => camera.write(chunk));
    camera.on('data', (chunk) => {
      if (this.#bytesPerTick === null) client.write(chunk);
      else held.push(chunk);
    });
  }

  #tick(): void {
    for (const [client, held] of this.#held) {
      const [first] = held;
      if (!first) continue;
      client.write(first.subarray(0, this.#bytesPerTick!));
      const rest = first.subarray(this.#bytesPerTick!);
      if (rest.length > 0) held[0] = rest;
      else held.shift();
    }
  }
}
