import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { type GatewayDecoratorOptions, type GatewayPlace, placeOf } from './gateway-place.js';
import { metadataKeys, nestMetadataKeys } from './metadata-keys.js';

/** What the container knows about a provider. */
export type ProviderWrapper =
  ModulesContainer extends Map<string, infer Module extends { providers: unknown }>
    ? Module['providers'] extends Map<any, infer Wrapper>
      ? Wrapper
      : never
    : never;

/** One gateway as Nest holds it. A class provided in two modules is two gateways. */
export interface DiscoveredGateway {
  readonly wrapper: ProviderWrapper;
  readonly metatype: Type;
  readonly moduleKey: string;
  readonly place: GatewayPlace;
}

/** A method that `@SubscribeMessage()` or one of our decorators marks. */
export interface MarkedMethod {
  readonly name: string;
  readonly callback: (...args: any[]) => unknown;
  readonly pattern: string;
}

/** Reads what Nest's decorators, and ours, have left on providers. */
export class GatewayExplorer {
  readonly #modules: ModulesContainer;
  readonly #scanner = new MetadataScanner();

  constructor(modules: ModulesContainer) {
    this.#modules = modules;
  }

  /** In the order in which Nest connects them. */
  gateways(): DiscoveredGateway[] {
    return this.#classes(nestMetadataKeys.isGateway).map(([moduleKey, wrapper]) => {
      const metatype = wrapper.metatype as Type;
      const port = (Reflect.getMetadata(nestMetadataKeys.port, metatype) as number | undefined) ?? 0;
      const options = Reflect.getMetadata(nestMetadataKeys.gatewayOptions, metatype) as
        GatewayDecoratorOptions | undefined;
      return { wrapper, metatype, moduleKey, place: placeOf(port, options ?? {}) };
    });
  }

  /** Providers with `@RoomAuthorizer()`. */
  authorizers(): ProviderWrapper[] {
    return this.#classes(metadataKeys.roomAuthorizer).map(([, wrapper]) => wrapper);
  }

  /**
   * Handlers, own and inherited. Of two for one event the last found counts, as in Nest.
   *
   * @throws {GatewireError} for a pattern that is not a string
   */
  handlers(prototype: object): MarkedMethod[] {
    const methods = this.#methods(prototype, nestMetadataKeys.messagePattern).filter(({ callback }) =>
      Reflect.hasMetadata(nestMetadataKeys.isMessageHandler, callback),
    );
    return [...new Map(methods.map((method) => [method.pattern, method])).values()];
  }

  /** Methods with `@OnSubscribe()`. */
  subscribeAuthorizers(prototype: object): MarkedMethod[] {
    return this.#methods(prototype, metadataKeys.onSubscribe);
  }

  #classes(key: string | symbol): [moduleKey: string, wrapper: ProviderWrapper][] {
    return [...this.#modules].flatMap(([moduleKey, { providers }]) =>
      [...providers.values()]
        // As in Nest: what a factory makes, or an alias, is no gateway.
        .filter(
          ({ metatype, isNotMetatype }) => metatype && !isNotMetatype && Reflect.hasMetadata(key, metatype),
        )
        .map((wrapper): [string, ProviderWrapper] => [moduleKey, wrapper]),
    );
  }

  #methods(prototype: object, key: string | symbol): MarkedMethod[] {
    const methods = prototype as Record<string, MarkedMethod['callback']>;
    return this.#scanner.getAllMethodNames(prototype).flatMap((name) => {
      const callback = methods[name]!;
      const pattern: unknown = Reflect.getMetadata(key, callback);
      if (pattern === undefined) return [];
      if (typeof pattern === 'string') return [{ name, callback, pattern }];
      throw new GatewireError(
        ErrorCode.Internal,
        `${prototype.constructor.name}.${name}: the event must be a string`,
        {
          remediation: 'Give @SubscribeMessage() the name of an event, or a pattern of names.',
        },
      );
    });
  }
}
