import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { FaultyLink, type LinkFault } from './faulty-link.js';

/**
 * A TCP proxy on loopback that spoils connections: only when it is told to, never by a timer or by chance, so that what a
 * schedule has done once it does again.
 */
export class FaultProxy {
  /** Connections that at least one end still holds, the newest last. */
  readonly links: FaultyLink[] = [];
  /** Rises with everything that passes: who waits until nothing does compares it. */
  activity = 0;
  /**
   * New connections are reset as soon as they are there. The port stays ours: were it closed, the system could give it to another.
   */
  isRefusing = false;
  readonly #server: Server;
  readonly #target: () => number | null;
  #planned: LinkFault[] = [];

  private constructor(target: () => number | null) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.activity++;
      const port = this.#target();
      if (this.isRefusing || port === null) {
        client.on('error', () => undefined);
        client.resetAndDestroy();
        return;
      }
      const server = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
      const link = new FaultyLink(client, server, {
        moved: () => void this.activity++,
        closed: () => void this.links.splice(this.links.indexOf(link), 1),
      });
      this.links.push(link);
      for (const fault of this.#planned.splice(0)) fault(link);
    });
  }

  /** @param target the port that connections go on to, asked for each; null: nobody listens */
  static async start(target: () => number | null): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The newest connection that the client still holds. */
  get current(): FaultyLink | undefined {
    return this.links.findLast((link) => link.hasClient);
  }

  /** Does something to the current connection; where there is none, to the next one, as soon as it is there. */
  spoil(fault: LinkFault): void {
    const { current } = this;
    if (current === undefined) this.#planned.push(fault);
    else fault(current);
  }

  /** From now on everything passes, and all that was held back is let go. What was swallowed stays lost. */
  heal(): void {
    this.isRefusing = false;
    this.#planned = [];
    for (const link of [...this.links]) link.release();
  }

  async stop(): Promise<void> {
    for (const link of [...this.links]) link.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
