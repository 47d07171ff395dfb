import type { Type } from '@nestjs/common';
import type { GatewayMiddleware } from '../pipeline/middleware.js';

/** A phase of any kind, as far as passing a call on is concerned. */
export type AnyPhase = (context: never, next: never) => void | Promise<void>;

/** Everything that a middleware class may have. */
export const phases = [
  'handshake',
  'inboundFrame',
  'inbound',
  'outbound',
  'outboundFrame',
  'controlFrame',
  'disconnected',
] as const satisfies readonly (keyof GatewayMiddleware)[];

/**
 * Stands in for a middleware that the container has yet to make: a class may itself inject `GatewireServer`, which
 * needs the engine, which needs the middleware. Has the phases that its class has.
 */
export class StandIn implements GatewayMiddleware {
  handshake?: NonNullable<GatewayMiddleware['handshake']>;
  inboundFrame?: NonNullable<GatewayMiddleware['inboundFrame']>;
  inbound?: NonNullable<GatewayMiddleware['inbound']>;
  outbound?: NonNullable<GatewayMiddleware['outbound']>;
  outboundFrame?: NonNullable<GatewayMiddleware['outboundFrame']>;
  controlFrame?: NonNullable<GatewayMiddleware['controlFrame']>;
  disconnected?: NonNullable<GatewayMiddleware['disconnected']>;
  readonly #make: () => Promise<GatewayMiddleware>;
  #instance: GatewayMiddleware | null = null;
  #pending: Promise<GatewayMiddleware> | null = null;

  constructor(metatype: Type<GatewayMiddleware>, make: () => Promise<GatewayMiddleware>) {
    this.#make = make;
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
}
