import type { CanActivate, ExceptionFilter, NestInterceptor, PipeTransform, Type } from '@nestjs/common';
import type { ContextId, ExternalContextCreator } from '@nestjs/core';
import type { HandlerSite } from './handler-site.js';
import { nestMetadataKeys } from './metadata-keys.js';
import { schemaAmong, withoutOptions } from './standard-schema.js';

/** A filter and what it catches; nothing: everything. */
export interface BoundFilter {
  readonly func: ExceptionFilter['catch'];
  readonly exceptionMetatypes: readonly (abstract new (...args: any[]) => unknown)[];
}

/** A parameter as its decorator (or Nest's default) describes it. */
export interface HandlerParam {
  readonly index: number;
  /** A number of Nest's `WsParamtype`, or the unique name of a custom decorator. */
  readonly type: number | string;
  readonly data: unknown;
  readonly factory: ((data: unknown, context: unknown) => unknown) | undefined;
  readonly pipes: readonly PipeTransform[];
  readonly metatype: Type | undefined;
  readonly schema: unknown;
}

/** Nest's context creators, as far as we call them: the same in 11 and 12. */
interface ContextCreator<Enhancer> {
  create(
    instance: object,
    callback: object | undefined,
    moduleKey: string,
    contextId?: ContextId,
    inquirerId?: string,
  ): Enhancer[];
  createContext(
    instance: object,
    callback: object,
    key: string,
    contextId?: ContextId,
    inquirerId?: string,
  ): Enhancer[];
  createConcreteContext(metadata: unknown[], contextId?: ContextId, inquirerId?: string): Enhancer[];
  getGlobalMetadata(contextId?: ContextId, inquirerId?: string): unknown[];
  reflectClassMetadata(instance: object, key: string): unknown[] | undefined;
  moduleContext: string;
}

interface ParamMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: unknown[];
  readonly factory?: HandlerParam['factory'];
  readonly schema?: unknown;
}

interface ContextUtils {
  reflectCallbackMetadata(
    instance: object,
    method: string,
    key: string,
  ): Record<string, ParamMetadata> | undefined;
  reflectCallbackParamtypes(instance: object, method: string): Type[] | undefined;
  warnOnMissingParamtypes?(
    instance: object,
    method: string,
    types: Type[] | undefined,
    pipes: unknown[],
    params: unknown[],
  ): void;
}

/** What lies beneath Nest's public `ExternalContextCreator`. */
interface Internals {
  readonly guardsContextCreator: ContextCreator<CanActivate>;
  readonly interceptorsContextCreator: ContextCreator<NestInterceptor>;
  readonly pipesContextCreator: ContextCreator<PipeTransform>;
  readonly filtersContextCreator: ContextCreator<BoundFilter>;
  readonly contextUtils: ContextUtils;
}

/** `(client, data, ack)`: what a method without parameter decorators gets, as with platform-ws. */
const defaultParams: Record<string, ParamMetadata> = {
  '13:2': { index: 2 },
  '3:1': { index: 1 },
  '0:0': { index: 0 },
};

/**
 * Lets Nest itself resolve what is written on gateways: guards, interceptors, pipes, filters and parameters.
 *
 * The one file that knows Nest's inside; `test/nest/enhancer-resolver.spec.ts` watches it on every supported version.
 * Global enhancers count as in Nest 12: static ones for a static gateway, scoped ones too for a scoped gateway.
 */
export class EnhancerResolver {
  readonly #internals: Internals;
  readonly #useGlobalFilters: boolean;

  constructor(contextCreator: ExternalContextCreator, useGlobalFilters: boolean) {
    this.#internals = contextCreator as unknown as Internals;
    this.#useGlobalFilters = useGlobalFilters;
  }

  guards(site: HandlerSite): CanActivate[] {
    return create(this.#internals.guardsContextCreator, site);
  }

  /** Guards of the method alone, without those of the class and global ones. */
  methodGuards(site: HandlerSite): CanActivate[] {
    const own = Object.create(this.#internals.guardsContextCreator, {
      getGlobalMetadata: { value: () => [] },
      reflectClassMetadata: { value: () => undefined },
    }) as ContextCreator<CanActivate>;
    return create(own, site);
  }

  interceptors(site: HandlerSite): NestInterceptor[] {
    return create(this.#internals.interceptorsContextCreator, site);
  }

  pipes(site: HandlerSite): PipeTransform[] {
    return create(this.#internals.pipesContextCreator, site);
  }

  /** In the order in which they are asked: method, class, global; the later written first. */
  filters(site: HandlerSite): BoundFilter[] {
    const creator = forSite(this.#internals.filtersContextCreator, site, this.#useGlobalFilters);
    creator.moduleContext = site.moduleKey;
    const { instance, callback, contextId, inquirerId } = site;
    return creator
      .createContext(instance, callback, nestMetadataKeys.filters, contextId, inquirerId)
      .reverse();
  }

  /** @param pipes those of `pipes(site)`: for Nest's warning about a handler whose types are unknown */
  params(site: HandlerSite, pipes: PipeTransform[]): HandlerParam[] {
    const { contextUtils, pipesContextCreator } = this.#internals;
    const { instance, methodName, contextId, inquirerId } = site;
    const metadata =
      contextUtils.reflectCallbackMetadata(instance, methodName, nestMetadataKeys.parameters) ??
      defaultParams;
    const types = contextUtils.reflectCallbackParamtypes(instance, methodName);
    const creator = forSite(pipesContextCreator, site, true);
    creator.moduleContext = site.moduleKey;
    const params = Object.entries(metadata).map(([key, { index, data, pipes: own, factory, schema }]) => ({
      index,
      type: factory === undefined ? Number(key.split(':')[0]) : key,
      data,
      factory,
      pipes: creator.createConcreteContext(withoutOptions(own ?? []), contextId, inquirerId),
      metatype: types?.[index],
      schema: schema ?? schemaAmong(own ?? []),
    }));
    contextUtils.warnOnMissingParamtypes?.(instance, methodName, types, pipes, params);
    return params;
  }
}

function create<Enhancer>(creator: ContextCreator<Enhancer>, site: HandlerSite): Enhancer[] {
  const { instance, callback, moduleKey, contextId, inquirerId } = site;
  return forSite(creator, site, true).create(instance, callback, moduleKey, contextId, inquirerId);
}

/**
 * A creator that remembers nothing of the site, and that asks for global enhancers as Nest's socket module does: without
 * an inquirer where the gateway is static, else it would hand out scoped enhancers whose constructors never ran.
 */
function forSite<Enhancer>(
  creator: ContextCreator<Enhancer>,
  { contextId }: HandlerSite,
  withGlobal: boolean,
): ContextCreator<Enhancer> {
  const getGlobalMetadata = (id?: ContextId, inquirerId?: string): unknown[] => {
    if (!withGlobal) return [];
    return contextId === undefined ? creator.getGlobalMetadata() : creator.getGlobalMetadata(id, inquirerId);
  };
  return Object.create(creator, {
    getGlobalMetadata: { value: getGlobalMetadata },
    moduleContext: { value: creator.moduleContext, writable: true },
  }) as ContextCreator<Enhancer>;
}
