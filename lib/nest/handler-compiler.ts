import type { CanActivate, Logger, NestInterceptor, Type } from '@nestjs/common';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { RecordMode } from '../pipeline/message-handler.js';
import type { ReliableHandling } from '../pipeline/reliable-handling.js';
import type { SettledCall, Settlements } from '../pipeline/settlement/settlements.js';
import { isPromise } from '../primitives/is-promise.js';
import { OptionError } from '../primitives/option-error.js';
import { AckReply } from './ack-reply.js';
import { CompiledPipes } from './compiled-pipes.js';
import { createDefaultAnswer } from './default-answer.js';
import type { EnhancerResolver } from './enhancer-resolver.js';
import { giveSettlement, type HandlerIdentity, MessageContext, messageOf } from './execution-context.js';
import { FilterChain } from './filter-chain.js';
import { GuardRefusal, runGuards } from './guard-chain.js';
import type { HandlerSite } from './handler-site.js';
import { runInterceptors } from './interceptor-chain.js';
import { ParamExtractor } from './param-extractor.js';

/** A method with everything that Nest puts around it, resolved once. */
export interface CompiledHandler {
  /** Names of guards, interceptors and pipes, in the order in which they run. */
  readonly enhancers: readonly string[];
  /** Guards, interceptors, pipes, method: synchronous until one of them is not. Throws (or rejects with) the raw error. */
  invoke(message: InboundMessage): unknown;
  /** Gives an error to the filters. Never throws. */
  fail(error: unknown, message: InboundMessage): void;
}

/** What decorators say about the call of a method. */
export interface CallTraits {
  readonly record?: RecordMode | undefined;
  /** Calls the method again when it fails. */
  readonly reliable?: ReliableHandling | undefined;
}

/** Compiles handlers. */
export class HandlerCompiler {
  readonly #enhancers: EnhancerResolver;
  readonly #logger: Logger;
  readonly #isCompatible: boolean;
  readonly #compiled: CompiledPipes;
  readonly #settlements: Settlements | undefined;

  /** @param isCompatible as under platform-ws, nothing is sent after a filter that fails, and no schema is asked but by a pipe */
  constructor(
    enhancers: EnhancerResolver,
    logger: Logger,
    isCompatible: boolean,
    settlements: Settlements | undefined,
  ) {
    this.#enhancers = enhancers;
    this.#logger = logger;
    this.#isCompatible = isCompatible;
    this.#compiled = new CompiledPipes(!isCompatible);
    this.#settlements = settlements;
  }

  /** @throws {OptionError} for one that records in transactions where the module knows of none */
  compile(site: HandlerSite, pattern: string, { record, reliable }: CallTraits = {}): CompiledHandler {
    const pipes = this.#enhancers.pipes(site);
    const guards = this.#enhancers.guards(site);
    const interceptors = this.#enhancers.interceptors(site);
    const identity = { classRef: site.instance.constructor as Type, callback: site.callback, pattern };
    return new HandlerChain(site.instance, identity, {
      guards,
      interceptors,
      params: new ParamExtractor(
        this.#enhancers.params(site, pipes),
        pipes,
        site.callback.length,
        this.#compiled,
      ),
      filters: this.filters(site),
      reliable,
      settlements: record === 'transaction' ? this.#settlementsFor(site) : undefined,
      names: [...guards, ...interceptors, ...pipes].map(({ constructor }) => constructor.name),
    });
  }

  #settlementsFor(site: HandlerSite): Settlements {
    if (this.#settlements !== undefined) return this.#settlements;
    throw new OptionError(
      'transactions.store',
      `a TransactionStore for @RecordOutcome('transaction') on ${site.instance.constructor.name}.${site.methodName}`,
      undefined,
    );
  }

  filters(site: HandlerSite): FilterChain {
    const answer = createDefaultAnswer(this.#logger);
    const afterFailure = this.#isCompatible ? () => undefined : answer;
    return new FilterChain(this.#enhancers.filters(site), answer, afterFailure, this.#logger);
  }
}

interface Stages {
  readonly names: readonly string[];
  readonly guards: readonly CanActivate[];
  readonly interceptors: readonly NestInterceptor[];
  readonly params: ParamExtractor;
  readonly filters: FilterChain;
  readonly reliable: ReliableHandling | undefined;
  readonly settlements: Settlements | undefined;
}

class HandlerChain implements CompiledHandler {
  readonly #instance: object;
  readonly #identity: HandlerIdentity;
  readonly #stages: Stages;
  readonly #call = (context: MessageContext): unknown => this.#callMethod(context);

  constructor(instance: object, identity: HandlerIdentity, stages: Stages) {
    this.#instance = instance;
    this.#identity = identity;
    this.#stages = stages;
  }

  get enhancers(): readonly string[] {
    return this.#stages.names;
  }

  invoke(message: InboundMessage): unknown {
    const context = new MessageContext(this.#identity, message.connection, message);
    const { guards } = this.#stages;
    if (guards.length === 0) return this.#proceed(context);
    const isAllowed = runGuards(guards, context);
    if (isAllowed === true) return this.#proceed(context);
    if (isAllowed === false) throw new GuardRefusal();
    return isAllowed.then((settled) => {
      if (!settled) throw new GuardRefusal();
      return this.#proceed(context);
    });
  }

  fail(error: unknown, message: InboundMessage): void {
    this.#stages.filters.handle(error, new MessageContext(this.#identity, message.connection, message));
  }

  #proceed(context: MessageContext): unknown {
    const { interceptors } = this.#stages;
    return interceptors.length === 0
      ? this.#callMethod(context)
      : runInterceptors(interceptors, context, this.#call);
  }

  #callMethod(context: MessageContext): unknown {
    const { params, settlements } = this.#stages;
    const message = messageOf(context) as InboundMessage;
    const call = settlements?.begin(message);
    if (call !== undefined) giveSettlement(context, call.settlement);
    const reply = params.usesAck && message.id !== undefined ? new AckReply() : undefined;
    const args = params.extract(context, reply?.acknowledge);
    if (isPromise(args)) return args.then((settled) => this.#enter(message, settled, reply, call));
    return this.#enter(message, args, reply, call);
  }

  #enter(
    message: InboundMessage,
    args: unknown[],
    reply: AckReply | undefined,
    call: SettledCall | undefined,
  ): unknown {
    if (call === undefined) message.enter();
    const { reliable } = this.#stages;
    // What is tried again looks for its outcome again.
    const run = (): unknown => this.#run(args, reply, call);
    const result = reliable === undefined ? run() : reliable.run(message, run);
    return reply === undefined || call !== undefined ? result : reply.settle(result);
  }

  #run(args: unknown[], reply: AckReply | undefined, call: SettledCall | undefined): unknown {
    const { callback, classRef } = this.#identity;
    const { settlements } = this.#stages;
    if (settlements === undefined || call === undefined) return callback.apply(this.#instance, args);
    // It enters when it is known that it has not been handled.
    return settlements.run(call, `${classRef.name}.${callback.name}`, () => {
      const result = callback.apply(this.#instance, args);
      return reply === undefined ? result : reply.settle(result);
    });
  }
}
