import { PostgresServer, describeWithPostgres } from '../support/postgres-server.js';
import { transactionStoreContract } from '../contract/transaction-store.contract.js';
import { apiKey } from '../../lib/pipeline/stages/authentication/api-key.strategy.js';
import { OrdersApp } from './orders-app.js';
import { PostgresDatabase } from './postgres-database.js';

describeWithPostgres('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.stop());

  transactionStoreContract({
    name: 'TypeORM on PostgreSQL',
    create: async () => PostgresDatabase.open(await server.database()),
  });

  it('has one effect of a message that two processes handle at the same time, and both give its reply', async () => {
    const url = await server.database();
    const authenticate = [apiKey({ keys: { ada: 'a'.repeat(16) } })];
    const apps = [];
    for (let i = 0; i < 2; i++)
      apps.push(await OrdersApp.start({ authenticate }, {}, undefined, await PostgresDatabase.open(url)));
    const clients = await Promise.all(
      apps.map(({ nest }) =>
        nest.connect('/', 'gatewire.v1.json', { headers: { 'x-api-key': 'a'.repeat(16) } }),
      ),
    );
    const count = 50;
    for (let id = 1; id <= count; id++)
      for (const [by, client] of clients.entries())
        client.send({ event: 'place', data: { n: id, reply: { n: id, by } }, id, meta: { key: `k${id}` } });
    const replies = await Promise.all(
      clients.map(async (client) => {
        const by = new Map<unknown, unknown>();
        while (by.size < count) {
          const frame = await client.nextJson();
          if (frame['id'] !== undefined) by.set(frame['id'], frame['data']);
        }
        return by;
      }),
    );
    const effects = await apps[0]!.database.effects();
    expect(effects.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    for (let id = 1; id <= count; id++) {
      expect(replies[0]!.get(id)).toEqual({ n: id, by: expect.any(Number) });
      expect(replies[1]!.get(id)).toEqual(replies[0]!.get(id));
    }
    for (const app of apps) while ((await app.database.waiting()) > 0) await app.outbox.flush();
    for (const app of apps) await app.stop();
  });
});
