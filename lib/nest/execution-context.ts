import type { ContextType, ExecutionContext, Type } from '@nestjs/common';
import type { Connection } from '../connection/connection.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { MessageSettlement } from '../pipeline/settlement/message-settlement.js';

const messageKey: unique symbol = Symbol.for('gatewire:message') as never;
const settlementKey: unique symbol = Symbol.for('gatewire:settlement') as never;

/** What stays the same for every call of a handler. */
export interface HandlerIdentity {
  readonly classRef: Type;
  readonly callback: (...args: any[]) => unknown;
  /** What `getPattern()` says. */
  readonly pattern: string;
}

/**
 * What guards, interceptors, filters and custom parameters see of one message: Nest's `ExecutionContext` and, in the
 * one object, its `WsArgumentsHost`. The arguments (client, data, event, pattern) become an array only when somebody
 * asks for it; from then on the array is what counts, since enhancers may replace what is in it.
 */
export class MessageContext implements ExecutionContext {
  readonly [messageKey]: InboundMessage | undefined;
  /** Of handlers that record in transactions. */
  [settlementKey]: MessageSettlement | undefined = undefined;
  readonly #handler: HandlerIdentity;
  readonly #client: Connection;
  readonly #data: unknown;
  #args: any[] | null = null;

  constructor(handler: HandlerIdentity, client: Connection, message?: InboundMessage) {
    this.#handler = handler;
    this.#client = client;
    this.#data = message?.data;
    this[messageKey] = message;
  }

  getType<TContext extends string = ContextType>(): TContext {
    return 'ws' as TContext;
  }

  getClass<T = any>(): Type<T> {
    return this.#handler.classRef;
  }

  getHandler(): (...args: any[]) => unknown {
    return this.#handler.callback;
  }

  getArgs<T extends any[] = any[]>(): T {
    this.#args ??= [
      this.#client,
      this.#data,
      ...(this[messageKey] ? [this[messageKey].event] : []),
      this.getPattern(),
    ];
    return this.#args as T;
  }

  getArgByIndex<T = any>(index: number): T {
    return this.getArgs()[index];
  }

  switchToWs(): this {
    return this;
  }

  getClient<T = any>(): T {
    return this.#args === null ? (this.#client as T) : this.#args[0];
  }

  getData<T = any>(): T {
    return this.#args === null ? (this.#data as T) : this.#args[1];
  }

  getPattern(): string {
    return this.#args === null ? this.#handler.pattern : this.#args[this.#args.length - 1];
  }

  /** As Nest's own: the arguments by position, whatever they are. */
  switchToHttp(): any {
    return {
      getRequest: () => this.getArgByIndex(0),
      getResponse: () => this.getArgByIndex(1),
      getNext: () => this.getArgByIndex(2),
    };
  }

  switchToRpc(): any {
    return { getData: () => this.getArgByIndex(0), getContext: () => this.getArgByIndex(1) };
  }
}

/** The message a context is about; undefined for a connect hook. */
export function messageOf(context: object): InboundMessage | undefined {
  return (context as { [messageKey]?: InboundMessage })[messageKey];
}

/** What the handler of a context ends its transaction with, where it has one. */
export function settlementOf(context: object): MessageSettlement | undefined {
  return (context as { [settlementKey]?: MessageSettlement | undefined })[settlementKey];
}

export function giveSettlement(context: MessageContext, settlement: MessageSettlement): void {
  context[settlementKey] = settlement;
}
