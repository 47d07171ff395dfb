import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { GatewayMiddleware } from '../pipeline/middleware.js';
import type { StageSource } from '../pipeline/stage.js';
import type { MiddlewareReference } from './gatewire.options.js';

/** A phase of any kind, as far as passing a call on is concerned. */
type AnyPhase = (context: never, next: never) => void | Promise<void>;

const phases = [
  'handshake',
  'inboundFrame',
  'inbound',
  'outbound',
  'outboundFrame',
  'disconnected',
] as const satisfies readonly (keyof GatewayMiddleware)[];

/**
 * Turns middleware classes into instances: the provider that the application has, else one made with injection, once.
 *
 * A class may itself inject `GatewireServer`, which needs the engine, which needs the middleware: what is returned at
 * once stands in, and the instance is made with {@link ready}, after the container is complete.
 */
export class MiddlewareResolver {
  readonly #known = new Map<ModuleRef, Map<Type<GatewayMiddleware>, StandIn>>();

  /** @param moduleRef where the class and what it injects are looked for */
  resolve(reference: MiddlewareReference, moduleRef: ModuleRef): StageSource {
    if (typeof reference !== 'function') return reference;
    let known = this.#known.get(moduleRef);
    if (known === undefined)
      this.#known.set(moduleRef, (known = new Map<Type<GatewayMiddleware>, StandIn>()));
    let standIn = known.get(reference);
    if (standIn === undefined) known.set(reference, (standIn = new StandIn(reference, moduleRef)));
    return { name: reference.name, middleware: standIn };
  }

  /** Makes those that are not made yet. Rejects with what the container says about one that it cannot make. */
  async ready(): Promise<void> {
    const standIns = [...this.#known.values()].flatMap((known) => [...known.values()]);
    await Promise.all(standIns.map((standIn) => standIn.instance()));
  }
}

/** Has the phases that its class has. */
class StandIn implements GatewayMiddleware {
  handshake?: NonNullable<GatewayMiddleware['handshake']>;
  inboundFrame?: NonNullable<GatewayMiddleware['inboundFrame']>;
  inbound?: NonNullable<GatewayMiddleware['inbound']>;
  outbound?: NonNullable<GatewayMiddleware['outbound']>;
  outboundFrame?: NonNullable<GatewayMiddleware['outboundFrame']>;
  disconnected?: NonNullable<GatewayMiddleware['disconnected']>;
  readonly #class: Type<GatewayMiddleware>;
  readonly #moduleRef: ModuleRef;
  #instance: GatewayMiddleware | null = null;
  #pending: Promise<GatewayMiddleware> | null = null;

  constructor(metatype: Type<GatewayMiddleware>, moduleRef: ModuleRef) {
    this.#class = metatype;
    this.#moduleRef = moduleRef;
    for (const name of phases) {
      if (typeof (metatype.prototype as GatewayMiddleware)[name] === 'function')
        this[name] = this.#passOn(name);
    }
  }

  get perConnection(): boolean {
    return this.#instance?.perConnection === true;
  }

  instance(): Promise<GatewayMiddleware> {
    this.#pending ??= this.#make().then((instance) => (this.#instance = instance));
    return this.#pending;
  }

  #passOn(name: (typeof phases)[number]): AnyPhase {
    return (context, next) => {
      const instance = this.#instance;
      if (instance !== null) return (instance[name] as AnyPhase).call(instance, context, next);
      return this.instance().then((made) => (made[name] as AnyPhase).call(made, context, next));
    };
  }

  async #make(): Promise<GatewayMiddleware> {
    const provided = this.#find();
    return provided ?? (await this.#moduleRef.create(this.#class));
  }

  #find(): GatewayMiddleware | undefined {
    try {
      return this.#moduleRef.get(this.#class, { strict: false });
    } catch (error) {
      // Not a provider: one is made. Anything else (a request-scoped class) is the application's to know.
      if (
        (error as Error).name === 'UnknownElementException' ||
        (error as Error).constructor.name === 'UnknownElementException'
      )
        return undefined;
      throw error;
    }
  }
}
