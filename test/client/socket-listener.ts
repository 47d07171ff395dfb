import type { ClientSocket, Connect, SocketListener, SocketRequest } from '../../lib/client/socket.js';

/** What a socket has told, in order, and a way to wait for more. */
export class RecordingListener implements SocketListener {
  readonly told: string[] = [];
  readonly data: (string | Uint8Array)[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  readonly #waiting = new Set<() => void>();

  opened(): void {
    this.#tell('opened');
  }

  received(data: string | Uint8Array): void {
    this.data.push(data);
    this.#tell('received');
  }

  alive(): void {
    this.#tell('alive');
  }

  closed(code: number, reason: string): void {
    this.closes.push({ code, reason });
    this.#tell('closed');
  }

  /** Waits until it has been told this, so many times in all. */
  async heard(what: 'opened' | 'received' | 'alive' | 'closed', times = 1): Promise<void> {
    while (this.told.filter((one) => one === what).length < times)
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #tell(what: string): void {
    this.told.push(what);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** A socket, and what it tells. */
export function open(
  connect: Connect,
  url: string,
  request: Partial<SocketRequest> = {},
): { socket: ClientSocket; listener: RecordingListener } {
  const listener = new RecordingListener();
  const socket = connect({ url, protocols: [], headers: undefined, ...request }, listener);
  return { socket, listener };
}

/** How an attempt ends that is expected to fail. */
export async function failure(connect: Connect, url: string): Promise<{ code: number; reason: string }> {
  const { socket, listener } = open(connect, url);
  await Promise.race([listener.heard('closed'), listener.heard('opened')]);
  socket.terminate();
  if (listener.told[0] !== 'closed') throw new Error('it opened');
  return listener.closes[0]!;
}
