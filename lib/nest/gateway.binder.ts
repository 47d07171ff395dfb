import type { Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Connection } from '../connection/connection.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { MessageHandler, RecordMode, RoomAuthorizerBinding } from '../pipeline/message-handler.js';
import type { StageHost } from '../pipeline/middleware.js';
import { type DeadLetterHook, DeadLetters } from '../pipeline/dead-letters.js';
import { ReliableHandling, type ReliableRule } from '../pipeline/reliable-handling.js';
import type { SequenceRule } from '../pipeline/sequence-rule.js';
import { inboundPhase, outboundPhase, type Stage, toStage } from '../pipeline/stage.js';
import type { GatewayBinding } from '../server/gateway-binding.js';
import { ReverseProxy } from '../server/reverse-proxy/reverse-proxy.js';
import type { Authenticators } from './authenticators.js';
import { createConnectHooks } from './connect-hooks.js';
import type { ConnectionContexts } from './connection-contexts.js';
import type { ProxyAnnotation } from './decorators/proxy-to.decorator.js';
import type { OrderingKey } from './decorators/order-by.decorator.js';
import type { EnhancerResolver } from './enhancer-resolver.js';
import type { DiscoveredGateway, GatewayExplorer, MarkedMethod } from './gateway.explorer.js';
import { createStaticHandler, type HandlerTraits, ScopedHandler } from './gateway-handler.js';
import { GatewayInstances } from './gateway-instances.js';
import type { MiddlewareReference } from './gatewire.options.js';
import { isFault } from './is-fault.js';
import type { HandlerCompiler } from './handler-compiler.js';
import { metadataKeys } from './metadata-keys.js';
import type { MiddlewareResolver } from './middleware-resolver.js';

/** What the handlers of a class share where they say nothing themselves. */
interface Shared {
  readonly lane: object;
  readonly sequence: SequenceRule | undefined;
  readonly reliable: (callback: MarkedMethod['callback']) => ReliableHandling | undefined;
}

/** What all bindings are made with. */
export interface GatewayBinderSettings {
  readonly explorer: GatewayExplorer;
  readonly enhancers: EnhancerResolver;
  readonly compiler: HandlerCompiler;
  readonly contexts: ConnectionContexts;
  readonly middleware: MiddlewareResolver;
  readonly authenticators: Authenticators;
  readonly stageHost: StageHost;
  readonly guardConnections: boolean;
  readonly isCompatible: boolean;
}

/** Makes of a gateway class what the engine serves. */
export class GatewayBinder {
  readonly #settings: GatewayBinderSettings;

  constructor(settings: GatewayBinderSettings) {
    this.#settings = settings;
  }

  /** @param server of the gateway's endpoint */
  bind(gateway: DiscoveredGateway, server: unknown): GatewayBinding {
    const { explorer, contexts, authenticators } = this.#settings;
    const instances = new GatewayInstances(gateway, contexts, server);
    const prototype = Object.getPrototypeOf(instances.shared) as object;
    // A limit or a sequence of the class is shared by those of its handlers that have none of their own.
    const hooks = createConnectHooks({ ...this.#settings, instances });
    const ofClass: Shared = {
      lane: {},
      sequence: copyOf(gateway.metatype),
      reliable: this.#reliable(gateway.metatype, hooks),
    };
    const stages = this.#stages(gateway, gateway.metatype);
    // A method of several events is one place of use.
    const ofMethods = new Map<MarkedMethod['callback'], readonly Stage[]>();
    const handler = (method: MarkedMethod): MessageHandler => {
      const own = ofMethods.get(method.callback) ?? this.#stages(gateway, method.callback);
      ofMethods.set(method.callback, own);
      return this.#handler(
        instances,
        method,
        this.#traits(gateway.metatype, method, ofClass, [...stages, ...own]),
      );
    };
    const handlers = explorer.handlers(prototype).map(handler);
    const { name } = gateway.metatype;
    const proxy = read<ProxyAnnotation>(metadataKeys.proxyTo, gateway.metatype);
    return {
      name,
      authenticator: authenticators.of(gateway.metatype, moduleRefOf(gateway)),
      ...(proxy && { proxy: new ReverseProxy(name, proxy.target, proxy.options) }),
      stages,
      handlerStages: [...ofMethods.values()].flat(),
      handlers,
      authorizers: explorer
        .subscribeAuthorizers(prototype)
        .map((method) => subscribeAuthorizer(method, instances)),
      ...hooks,
    };
  }

  #handler(instances: GatewayInstances, method: MarkedMethod, traits: HandlerTraits): MessageHandler {
    const { compiler } = this.#settings;
    if (instances.isStatic) return createStaticHandler(method, traits, instances, compiler);
    return new ScopedHandler(method, traits, instances, compiler);
  }

  #traits(
    metatype: Type,
    { name, callback }: MarkedMethod,
    ofClass: Shared,
    stages: readonly Stage[],
  ): HandlerTraits {
    const own = read<number>(metadataKeys.concurrency, callback);
    const orderBy = read<OrderingKey>(metadataKeys.orderBy, callback);
    return {
      label: `${metatype.name}.${name}`,
      concurrency: own ?? read<number>(metadataKeys.concurrency, metatype),
      record:
        read<RecordMode>(metadataKeys.recordOutcome, callback) ??
        read<RecordMode>(metadataKeys.recordOutcome, metatype),
      lane: own === undefined ? ofClass.lane : undefined,
      sequence: read<SequenceRule>(metadataKeys.sequenced, callback) ?? ofClass.sequence,
      reliable: ofClass.reliable(callback),
      orderBy: orderBy && ((message: InboundMessage) => orderBy(message.data, message)),
      inbound: stages.flatMap(inboundPhase),
      outbound: stages.toReversed().flatMap(outboundPhase),
      answerStages: stages
        .toReversed()
        .filter(({ middleware }) => middleware.outbound !== undefined)
        .map(({ name: stage }) => stage),
    };
  }

  /** What `@Reliable()` says on a method, else on its class. */
  #reliable(metatype: Type, hooks: DeadLetterHook): Shared['reliable'] {
    const { stageHost: host } = this.#settings;
    let deadLetters: DeadLetters | undefined;
    return (callback) => {
      const rule =
        read<ReliableRule>(metadataKeys.reliable, callback) ??
        read<ReliableRule>(metadataKeys.reliable, metatype);
      if (rule === undefined) return undefined;
      deadLetters ??= new DeadLetters(host, [hooks]);
      return new ReliableHandling({ ...rule, when: rule.when ?? isFault, host, deadLetters });
    };
  }

  /** What `@UseMiddleware()` says on a class or a method. */
  #stages(gateway: DiscoveredGateway, target: Type | MarkedMethod['callback']): Stage[] {
    const moduleRef = moduleRefOf(gateway);
    const { middleware: resolver, stageHost } = this.#settings;
    const references = read<readonly MiddlewareReference[]>(metadataKeys.middleware, target) ?? [];
    return references.map((reference) => toStage(resolver.resolve(reference, moduleRef), stageHost));
  }
}

/** Of its own for each class: a subclass does not share the numbers of its parent. */
function copyOf(metatype: Type): SequenceRule | undefined {
  const rule = read<SequenceRule>(metadataKeys.sequenced, metatype);
  return rule && { ...rule };
}

/** Of the module that provides the gateway. */
function moduleRefOf({ wrapper }: DiscoveredGateway): ModuleRef {
  return wrapper.host?.providers.get(ModuleRef)?.instance as ModuleRef;
}

function read<Value>(key: symbol, target: object): Value | undefined {
  return Reflect.getMetadata(key, target) as Value | undefined;
}

function subscribeAuthorizer(
  { name, pattern }: MarkedMethod,
  instances: GatewayInstances,
): RoomAuthorizerBinding {
  const ask = (instance: object, connection: Connection, room: string): boolean | Promise<boolean> =>
    (instance as Record<string, (connection: Connection, room: string) => boolean | Promise<boolean>>)[name]!(
      connection,
      room,
    );
  return {
    pattern,
    canSubscribe: (connection, room) => {
      const instance = instances.of(connection);
      return instance instanceof Promise
        ? instance.then((resolved) => ask(resolved, connection, room))
        : ask(instance, connection, room);
    },
  };
}
