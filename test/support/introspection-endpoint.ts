import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An authorization server's introspection endpoint (RFC 7662) as a test starts it. */
export class IntrospectionEndpoint {
  /** What it has been asked, in order. */
  readonly asked: string[] = [];
  /** What it knows of tokens; of others it says that they are not active. */
  readonly tokens = new Map<string, object>();
  /** What it answers instead, while it is set. */
  failing: { status: number; body: string } | 'never' | null = null;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const token = new URLSearchParams(body).get('token') ?? '';
        this.asked.push(token);
        if (this.failing === 'never') return;
        const expected = `Basic ${Buffer.from('orders:s%3Acret').toString('base64')}`;
        const isKnown = request.method === 'POST' && request.headers.authorization === expected;
        response.statusCode = this.failing?.status ?? (isKnown ? 200 : 401);
        response.end(this.failing?.body ?? JSON.stringify({ active: false, ...this.tokens.get(token) }));
      })();
    });
  }

  static async start(): Promise<IntrospectionEndpoint> {
    const endpoint = new IntrospectionEndpoint();
    endpoint.#server.listen(0, '127.0.0.1');
    await once(endpoint.#server, 'listening');
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/introspect`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
