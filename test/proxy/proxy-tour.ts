import { once } from 'node:events';
import type { HandlerFunction } from '../support/engine-fixture.js';
import { TestClient } from '../support/test-client.js';

type ClientOptions = ConstructorParameters<typeof TestClient>[2];

/** Handlers that {@link tour} asks. */
export const tourHandlers: Record<string, HandlerFunction> = {
  who: (_data, { connection: { handshake } }) => ({
    address: handshake.address,
    isSecure: handshake.isSecure,
  }),
  echo: (data) => data,
  close: (_data, { connection }) => connection.close(4404, 'größe'),
  ping: async (_data, { connection }) => {
    const pong = new Promise<string>((resolve) =>
      connection.once('pong', (data: Buffer) => resolve(String(data))),
    );
    connection.ping('from the server');
    return pong;
  },
};

/** What a client sees through a proxy: itself, its echoes, pings both ways, and the close codes of both sides. */
export interface TourReport {
  readonly who: unknown;
  readonly echoes: boolean;
  readonly pongs: readonly unknown[];
  readonly closes: readonly unknown[];
}

/** Connects from 127.0.0.2, so that the proxy's own address is another one. @param closedOf what the server has seen of the last close */
export async function tour(
  url: string,
  options: ClientOptions,
  closedOf: () => Promise<unknown>,
): Promise<TourReport> {
  const open = (): Promise<TestClient> =>
    TestClient.open(url, [], {
      localAddress: '127.0.0.2',
      headers: { 'X-Forwarded-For': '203.0.113.66', Origin: url.replace('ws', 'http') },
      ...options,
    });
  const client = await open();
  const who = (await client.ask('who'))['data'];
  const long = 'ü'.repeat(300_000);
  const echoes = (await client.ask('echo', long))['data'] === long;
  const pong = once(client.socket, 'pong');
  client.socket.ping('from the client');
  const pongs = [String((await pong)[0]), (await client.ask('ping'))['data']];
  client.send({ event: 'close' });
  const byServer = await client.closed;
  const second = await open();
  second.close(4001, 'done');
  await second.closed;
  const byClient = await closedOf();
  return { who, echoes, pongs, closes: [byServer, byClient] };
}

export const expectedTour = (isSecure: boolean): TourReport => ({
  who: { address: '127.0.0.2', isSecure },
  echoes: true,
  pongs: ['from the client', 'from the server'],
  closes: [
    { code: 4404, reason: 'größe' },
    { code: 4001, reason: 'done' },
  ],
});

/** Notes the closes that the server sees; gives the next that the client has begun. */
export class SeenCloses {
  readonly #waiting: ((close: unknown) => void)[] = [];
  readonly #seen: unknown[] = [];

  readonly disconnect = (
    _connection: unknown,
    { code, reason, by }: { code: number; reason: string; by: string },
  ): void => {
    if (by !== 'peer') return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#seen.push({ code, reason });
    else waiting({ code, reason });
  };

  readonly next = (): Promise<unknown> => {
    const seen = this.#seen.shift();
    return seen === undefined
      ? new Promise((resolve) => void this.#waiting.push(resolve))
      : Promise.resolve(seen);
  };
}
