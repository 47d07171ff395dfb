import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import type { DedupRecord } from '../../store/dedup-store.js';
import type { TransactionStore } from '../../store/transaction-store.js';
import type { InboundMessage } from '../inbound-message.js';
import type { StageHost } from '../middleware.js';
import { otherEvent, recalledValue, rememberValue } from '../stages/deduplicate/remembered-outcome.js';
import { MessageSettlement } from './message-settlement.js';
import { settlementKey } from './settlement-key.js';

/** What handlers that record in transactions work with. */
export interface SettlementsSettings {
  readonly store: TransactionStore;
  readonly host: StageHost;
  /** Milliseconds since 1970. */
  readonly today: () => number;
  /** A handler is done: what it has written may be committed. */
  readonly ended: () => void;
}

/** A message on its way into a handler's method. */
export interface SettledCall {
  readonly message: InboundMessage;
  readonly key: string | undefined;
  readonly settlement: MessageSettlement;
}

/** Handles messages whose outcome is part of the application's own transactions. */
export class Settlements {
  readonly #settings: SettlementsSettings;
  /** Messages that are being handled in this process: a repeat waits, rather than have its transaction fail. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #unsettled = new Set<string>();

  constructor(settings: SettlementsSettings) {
    this.#settings = settings;
  }

  /** @throws {GatewireError} `BAD_REQUEST` for a key that is none */
  begin(message: InboundMessage): SettledCall {
    const key = settlementKey(message);
    const { event } = message;
    const plain = message.connection.encoding?.isPlain !== false;
    const write = async (tx: unknown, reply: unknown): Promise<void> => {
      const outcome = rememberValue(reply, event, plain)?.outcome ?? this.#unkept(event);
      const { store, today } = this.#settings;
      await store.insertOutcome(tx, {
        key: key as string,
        record: JSON.stringify(outcome),
        at: today(),
      });
    };
    return { message, key, settlement: new MessageSettlement(key === undefined ? null : write) };
  }

  /**
   * Runs a handler's method, or gives what is recorded of an earlier run: returned, or thrown.
   *
   * @param label of the handler, for the log
   */
  async run(call: SettledCall, label: string, method: () => unknown): Promise<unknown> {
    const { message, key } = call;
    if (key === undefined) {
      this.#settings.host.count('transactions.unidentified');
      message.enter();
      return method();
    }
    let before = this.#running.get(key);
    // Its turn is over: those behind it need not wait for the first.
    if (before !== undefined) message.enter();
    for (; before !== undefined; before = this.#running.get(key)) await before;
    let end!: () => void;
    this.#running.set(key, new Promise<void>((resolve) => (end = resolve)));
    try {
      return await this.#runAlone(call, key, label, method);
    } finally {
      this.#running.delete(key);
      end();
      this.#settings.ended();
    }
  }

  async #runAlone(
    { message, settlement }: SettledCall,
    key: string,
    label: string,
    method: () => unknown,
  ): Promise<unknown> {
    const { host } = this.#settings;
    const recorded = await this.#find(key);
    if (recorded !== undefined) {
      host.count('transactions.repeats');
      return recall(recorded, message.event);
    }
    message.enter();
    let value: unknown;
    try {
      value = await method();
    } catch (error) {
      return this.#recallOr(message, key, settlement, () => {
        throw error;
      });
    }
    // What was settled has been returned: it is what is recorded.
    if (settlement.isAttempted && value === settlement.reply) return value;
    return this.#recallOr(message, key, settlement, () => {
      this.#noteUnsettled(label);
      return value;
    });
  }

  /** The transaction has failed since another was first, or has committed and something failed later: what is recorded is what happened. */
  async #recallOr(
    message: InboundMessage,
    key: string,
    settlement: MessageSettlement,
    otherwise: () => unknown,
  ): Promise<unknown> {
    if (!settlement.isAttempted) return otherwise();
    const recorded = await this.#find(key);
    if (recorded === undefined) return otherwise();
    this.#settings.host.count('transactions.recalled');
    return recall(recorded, message.event);
  }

  async #find(key: string): Promise<DedupRecord | undefined> {
    const { store, host } = this.#settings;
    try {
      const found = await store.findOutcome(key);
      return found && (JSON.parse(found.record) as DedupRecord);
    } catch (error) {
      host.count('transactions.store-failed');
      host.log.error('TRANSACTIONS', error);
      throw new GatewireError(
        ErrorCode.Unavailable,
        'whether this message has been handled cannot be found out now',
        { cause: error },
      );
    }
  }

  #unkept(event: string): DedupRecord {
    this.#settings.host.count('transactions.unkept');
    return { event, kind: 'done' };
  }

  /** Its repeat would be handled again: nobody would notice but here. */
  #noteUnsettled(label: string): void {
    const { host } = this.#settings;
    host.count('transactions.unsettled');
    if (this.#unsettled.has(label)) return;
    this.#unsettled.add(label);
    host.log.warn(
      `TRANSACTIONS_UNSETTLED ${label}`,
      () => `${label} is to record its outcome in a transaction, and has ended without settlement.settle()`,
    );
  }
}

function recall(record: DedupRecord, event: string): unknown {
  if (record.event !== event) throw otherEvent;
  if (record.kind === 'value') return recalledValue(record);
  throw new GatewireError(ErrorCode.Duplicate, 'the same message has been handled; its answer is not kept');
}
