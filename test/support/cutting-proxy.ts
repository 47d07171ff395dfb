import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';

/** A TCP proxy that cuts a connection after a number of bytes from the server. */
export class CuttingProxy {
  /** Bytes that the connections may still get; then the one that wants more is cut. */
  bytesLeft = Infinity;
  cuts = 0;
  readonly #server: Server;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, '127.0.0.1');
      const end = (): void => {
        client.destroy();
        server.destroy();
      };
      for (const socket of [client, server]) socket.on('error', end).on('close', end);
      client.on('data', (data) => void server.write(data));
      server.on('data', (data) => {
        const passed = data.subarray(0, this.bytesLeft);
        this.bytesLeft -= passed.length;
        if (passed.length === data.length) return void client.write(passed);
        this.bytesLeft = Infinity;
        this.cuts++;
        server.destroy();
        client.end(passed, () => client.destroy());
      });
    });
  }

  static async start(port: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}
