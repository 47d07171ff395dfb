import type { OutboxEmit } from '../delivery/outbox-emit.js';
import { OutboxRelay } from '../delivery/outbox-relay.js';
import { TransactionalOutbox } from '../delivery/transactional-outbox.js';
import type { StageHost } from '../pipeline/middleware.js';
import { OutcomePurge } from '../pipeline/settlement/outcome-purge.js';
import { Settlements } from '../pipeline/settlement/settlements.js';
import { OptionError } from '../primitives/option-error.js';
import { within } from '../primitives/within.js';
import type { GatewireServer } from '../server/gatewire-server.js';
import { resolveTransactionOptions, type TransactionOptions } from './transaction.options.js';

/** How long a shutdown waits for what is in the outbox: the next process has it otherwise. */
const lastFlushMs = 5_000;

const today = (): number => Date.now();

/** What of one application takes part in its database transactions. */
export class Transactions {
  readonly settlements: Settlements;
  readonly outbox: TransactionalOutbox;
  readonly #relay: OutboxRelay;
  readonly #purge: OutcomePurge;
  readonly #host: StageHost;
  #isOver = false;

  /** @throws {OptionError} */
  constructor(options: TransactionOptions, host: StageHost, server: GatewireServer) {
    const { store, node, pollMs, leaseMs, batch, retentionMs } = resolveTransactionOptions(options);
    const relay = new OutboxRelay({
      ...{ store, owner: node, pollMs, leaseMs, batch, today },
      ...{ clock: host.clock, log: host.log, count: (name, by) => host.count(name, by) },
      send: (emit) => send(server, emit),
    });
    this.#relay = relay;
    this.#host = host;
    this.#purge = new OutcomePurge(store, host, retentionMs, today);
    this.settlements = new Settlements({ store, host, today, ended: () => relay.kick() });
    this.outbox = new TransactionalOutbox({
      insert: (tx, emit) => store.insertEmit(tx, { ...emit, at: today() }, node, today() + leaseMs),
      flush: () => relay.flush(),
    });
    host.onClose?.(() => this.#end());
  }

  /** Sessions of earlier processes are there: what is sent reaches them. */
  start(): void {
    this.#relay.start();
    this.#purge.start();
  }

  /** Sends what there is while those who are to get it are still there. */
  async flush(): Promise<void> {
    if (this.#isOver) return;
    try {
      await within(this.#host.clock, lastFlushMs, this.#relay.flush(), 'the outbox');
    } catch {
      // The relay has told why; what is left is sent by the next process.
    }
  }

  /** What handlers have written last goes into histories and sessions. */
  async #end(): Promise<void> {
    this.#relay.stop();
    this.#purge.stop();
    await this.flush();
    this.#isOver = true;
  }
}

/** An outbox for applications that have not said where it is. */
export function noOutbox(): TransactionalOutbox {
  const refuse = (): Promise<never> =>
    Promise.reject(new OptionError('transactions.store', 'a TransactionStore', undefined));
  return new TransactionalOutbox({ insert: refuse, flush: refuse });
}

async function send(server: GatewireServer, { target, event, data, meta, key }: OutboxEmit): Promise<void> {
  const options = { ...(meta && { meta }), ...(key !== undefined && { key }) };
  if ('room' in target) await server.publish(target.room, event, data, options).logged;
  else if ('user' in target) server.user(target.user).emit(event, data, options);
  else
    for (const connection of await server.connections())
      if (connection.session?.id === target.session) connection.emit(event, data, options);
}
