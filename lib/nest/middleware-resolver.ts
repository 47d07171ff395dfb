import { Scope, type Type } from '@nestjs/common';
import { ModuleRef, type ModulesContainer } from '@nestjs/core';
import type { GatewayMiddleware } from '../pipeline/middleware.js';
import type { StageSource } from '../pipeline/stage.js';
import type { ConnectionContexts } from './connection-contexts.js';
import { type ConfiguredMiddleware, isConfigured } from './configured-middleware.js';
import type { MiddlewareReference } from './gatewire.options.js';
import { ScopedMiddleware } from './scoped-middleware.js';
import { StandIn } from './stand-in.js';

/**
 * Turns middleware classes into instances: the provider that the application has, else one made with injection, once.
 * With options (`withOptions`), one for each use; where something is request-scoped, one for each connection.
 */
export class MiddlewareResolver {
  readonly #contexts: ConnectionContexts;
  readonly #modules: ModulesContainer;
  readonly #shared = new Map<ModuleRef, Map<Type<GatewayMiddleware>, StandIn>>();
  readonly #all: StandIn[] = [];

  constructor(contexts: ConnectionContexts, modules: ModulesContainer) {
    this.#contexts = contexts;
    this.#modules = modules;
  }

  /** @param moduleRef where the class and what it injects are looked for */
  resolve(reference: MiddlewareReference, moduleRef: ModuleRef): StageSource {
    if (isConfigured(reference)) return this.#configured(reference, moduleRef);
    if (typeof reference !== 'function') return reference;
    const { name } = reference;
    if (scopeOf(reference, moduleRef) === Scope.REQUEST)
      return { name, middleware: new ScopedMiddleware(reference, moduleRef, this.#contexts) };
    let known = this.#shared.get(moduleRef);
    if (known === undefined)
      this.#shared.set(moduleRef, (known = new Map<Type<GatewayMiddleware>, StandIn>()));
    let standIn = known.get(reference);
    if (standIn === undefined) {
      standIn = this.#standIn(reference, () => provided(reference, moduleRef));
      known.set(reference, standIn);
    }
    return { name, middleware: standIn };
  }

  /** Makes those that are not made yet. Rejects with what the container says about one that it cannot make. */
  async ready(): Promise<void> {
    await Promise.all(this.#all.map((standIn) => standIn.instance()));
  }

  #configured({ metatype, options }: ConfiguredMiddleware, moduleRef: ModuleRef): StageSource {
    const make = async (): Promise<GatewayMiddleware> => {
      const instance = await (this.#homeOf(metatype) ?? moduleRef).create(metatype);
      instance.configure(options);
      return instance;
    };
    return { name: metatype.name, middleware: this.#standIn(metatype, make) };
  }

  /** Where a class is a provider, what it injects is there. */
  #homeOf(metatype: Type): ModuleRef | undefined {
    for (const { providers } of this.#modules.values()) {
      if (providers.has(metatype)) return providers.get(ModuleRef)?.instance as ModuleRef;
    }
    return undefined;
  }

  #standIn(metatype: Type<GatewayMiddleware>, make: () => Promise<GatewayMiddleware>): StandIn {
    const standIn = new StandIn(metatype, make);
    this.#all.push(standIn);
    return standIn;
  }
}

async function provided(metatype: Type<GatewayMiddleware>, moduleRef: ModuleRef): Promise<GatewayMiddleware> {
  const scope = scopeOf(metatype, moduleRef);
  if (scope === undefined) return moduleRef.create(metatype);
  if (scope === Scope.TRANSIENT) return moduleRef.resolve(metatype, undefined, { strict: false });
  return moduleRef.get(metatype, { strict: false });
}

/** Undefined: it is not a provider of the application. */
function scopeOf(metatype: Type<GatewayMiddleware>, moduleRef: ModuleRef): Scope | undefined {
  try {
    return moduleRef.introspect(metatype).scope;
  } catch (error) {
    if ((error as Error).constructor.name === 'UnknownElementException') return undefined;
    throw error;
  }
}
