/**
 * A server that is made to be killed: `node mortal-server.mjs <compiled program> <folder> <port> <store> <life> <mutant>`. It loads
 * everything, and begins when it is told a line. Prints `ready`, and `inside` whenever a handler is between two steps of its work.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import Database from 'libsql';
import { OrdersDatabase } from './orders-database.mjs';
import { openStores } from './stores.mjs';

const [program, folder, port, kind, life, mutant] = process.argv.slice(2);
const load = (path) => import(join(program, path));
const { Engine } = await load('server/engine.js');
const { MemoryMessageLog } = await load('store/memory/memory-message-log.js');
const { Transactions } = await load('nest/transactions.js');
const { mutate } = await import('./mutants.mjs');
await once(process.stdin, 'data');
process.stdin.unref();

const say = (line) => process.stdout.write(`${line}\n`);

/** What handlers do to the world. It is the process that dies, not the machine: nothing has to be synced. */
const effects = new Database(join(folder, 'effects.db'));
effects.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
effects.exec('CREATE TABLE IF NOT EXISTS effects (n INTEGER NOT NULL, life INTEGER NOT NULL)');
const insert = effects.prepare('INSERT INTO effects VALUES (?, ?)');

const stores = await openStores(kind, { folder, load, lost: (error) => say(`lost ${error.message}`) });
const logger = {
  log: () => undefined,
  warn: () => undefined,
  error: (error) => say(`error ${String(error?.stack ?? error).replaceAll('\n', ' | ')}`),
};
const shared = { mutant, load };
/** The history of `log.*` ends with every life; that of `orders.*` does not. */
const logs = {
  memory: new MemoryMessageLog(),
  kept: stores.log,
};
const logOf = (name) => (name.includes('#orders.') ? logs.kept : logs.memory);
const engine = new Engine(
  {
    session: { store: mutate.store(stores.sessions, shared), node: 'mortal', resumeMs: 600_000 },
    history: {
      rooms: { 'log.*': { count: 10_000 }, 'orders.*': { count: 1_000_000, bytes: 268_435_456 } },
      log: {
        append: (name, ...rest) => logOf(name).append(name, ...rest),
        read: (name, ...rest) => logOf(name).read(name, ...rest),
        remove: (name) => logOf(name).remove(name),
      },
    },
  },
  { logger },
);
await mutate.program(shared);

/** Lets others in, and whoever wants to kill. */
const step = (ms) =>
  new Promise((resolve) => {
    say('inside');
    if (ms === 0) setImmediate(resolve);
    else setTimeout(resolve, ms);
  });

let told = 0;
let done = 0;
const work = async (message) => {
  message.enter();
  const { n, pauses } = message.data;
  await step(pauses[0]);
  insert.run(n, Number(life));
  await step(pauses[1]);
  message.connection.emit('done', { n, life: Number(life), number: ++done });
  await step(pauses[2]);
  return { n, life: Number(life), told, done };
};
/** The effect, what the message came to, and what others are told: in one transaction. */
const orders = await OrdersDatabase.open(join(folder, 'orders.db'), load);
const transactions = new Transactions(
  { store: orders.store, node: 'mortal', pollMs: 20 },
  engine.stageHost,
  engine.server,
);
const place = (message) => {
  const call = transactions.settlements.begin(message);
  const { n, pauses } = message.data;
  return transactions.settlements.run(call, 'transaction', async () => {
    await step(pauses[0]);
    const settle = (tx) => call.settlement.settle(tx, { n, life: Number(life), told });
    const settled = await orders.transaction(async (tx) => {
      tx.effect(n, Number(life));
      await step(pauses[1]);
      await transactions.outbox.emit(tx, { room: 'orders.all' }, 'placed', { n });
      const reply = await mutate.settle(settle, tx, shared);
      await step(pauses[1]);
      return reply;
    });
    await step(pauses[2]);
    return mutate.settleLate(settle, settled, orders, shared);
  });
};
const handler = (pattern, record, invoke = work) => ({
  pattern,
  label: pattern,
  record,
  invoke,
  fail: () => undefined,
});

const httpServer = createServer().listen(Number(port), '127.0.0.1');
await once(httpServer, 'listening');
const endpoint = engine.endpoint({ httpServer, port: 0, path: '/', wsOptions: {} });
endpoint.bind({
  name: 'Mortal',
  authorizers: ['log.*', 'orders.*'].map((pattern) => ({ pattern, canSubscribe: () => true })),
  connect: (connection) => connection.join('everybody'),
  handlers: [handler('after', 'after'), handler('before', 'before'), handler('transaction', 'after', place)],
});

/** To everybody who is, or was, in the room: a number for each, from 1 in every life. */
const tell = () => {
  endpoint.server.to('everybody').emit('told', { life: Number(life), number: ++told });
  endpoint.server.publish('log.all', 'logged', { life: Number(life), number: told });
};
await engine.ready();
transactions.start();
say('ready');
setInterval(tell, 2);
