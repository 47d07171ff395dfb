import type { Connection } from '../connection/connection.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { OutboundPhase } from '../pipeline/middleware.js';
import type { MessageHandler, RecordMode } from '../pipeline/message-handler.js';
import type { ReliableHandling } from '../pipeline/reliable-handling.js';
import type { NamedPhase } from '../pipeline/compose-stages.js';
import type { MarkedMethod } from './gateway.explorer.js';
import type { GatewayInstances } from './gateway-instances.js';
import type { CompiledHandler, HandlerCompiler } from './handler-compiler.js';

/** What decorators say about a handler beside its pattern. */
export interface HandlerTraits {
  readonly label: string;
  readonly concurrency: number | undefined;
  readonly lane: object | undefined;
  readonly record: RecordMode | undefined;
  readonly orderBy: MessageHandler['orderBy'];
  readonly sequence: MessageHandler['sequence'];
  readonly reliable: ReliableHandling | undefined;
  readonly inbound: readonly NamedPhase[];
  readonly outbound: readonly OutboundPhase[];
  readonly answerStages: readonly string[];
}

/** A handler of a gateway whose instance, and enhancers, live as long as the application: compiled once. */
export function createStaticHandler(
  method: MarkedMethod,
  traits: HandlerTraits,
  instances: GatewayInstances,
  compiler: HandlerCompiler,
): MessageHandler {
  const site = { ...instances.site(instances.shared, method.name), callback: method.callback };
  const compiled = compiler.compile(site, method.pattern, traits);
  return {
    ...traits,
    pattern: method.pattern,
    enhancers: compiled.enhancers,
    invoke: (message) => compiled.invoke(message),
    fail: (error, message) => compiled.fail(error, message),
  };
}

/** A handler of a request-scoped gateway: compiled for each connection that uses it. */
export class ScopedHandler implements MessageHandler {
  readonly pattern: string;
  readonly label: string;
  readonly concurrency: number | undefined;
  readonly lane: object | undefined;
  readonly record: RecordMode | undefined;
  readonly orderBy: MessageHandler['orderBy'];
  readonly sequence: MessageHandler['sequence'];
  readonly inbound: readonly NamedPhase[];
  readonly outbound: readonly OutboundPhase[];
  readonly answerStages: readonly string[];
  readonly enhancers: readonly string[];
  readonly #reliable: ReliableHandling | undefined;
  readonly #method: MarkedMethod;
  readonly #instances: GatewayInstances;
  readonly #compiler: HandlerCompiler;
  readonly #compiled = new WeakMap<Connection, CompiledHandler>();
  /** Answers when the connection's own instance cannot be made. */
  readonly #shared: CompiledHandler;

  constructor(
    method: MarkedMethod,
    traits: HandlerTraits,
    instances: GatewayInstances,
    compiler: HandlerCompiler,
  ) {
    this.pattern = method.pattern;
    this.label = traits.label;
    this.concurrency = traits.concurrency;
    this.lane = traits.lane;
    this.record = traits.record;
    this.orderBy = traits.orderBy;
    this.sequence = traits.sequence;
    this.inbound = traits.inbound;
    this.outbound = traits.outbound;
    this.answerStages = traits.answerStages;
    this.#reliable = traits.reliable;
    this.#method = method;
    this.#instances = instances;
    this.#compiler = compiler;
    this.#shared = compiler.compile(instances.site(instances.shared, method.name), method.pattern, traits);
    this.enhancers = this.#shared.enhancers;
  }

  invoke(message: InboundMessage): unknown {
    const { connection } = message;
    const compiled = this.#compiled.get(connection);
    if (compiled !== undefined) return compiled.invoke(message);
    const instance = this.#instances.of(connection);
    if (!(instance instanceof Promise)) return this.#compile(connection, instance).invoke(message);
    return instance.then((resolved) => this.#compile(connection, resolved).invoke(message));
  }

  fail(error: unknown, message: InboundMessage): void {
    (this.#compiled.get(message.connection) ?? this.#shared).fail(error, message);
  }

  #compile(connection: Connection, instance: object): CompiledHandler {
    let compiled = this.#compiled.get(connection);
    if (compiled === undefined) {
      const { name, pattern } = this.#method;
      compiled = this.#compiler.compile(this.#instances.site(instance, name, connection), pattern, {
        record: this.record,
        reliable: this.#reliable,
      });
      this.#compiled.set(connection, compiled);
    }
    return compiled;
  }
}
