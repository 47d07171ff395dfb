import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { StageHost } from '../pipeline/middleware.js';
import type { AuthenticationStrategy, Found } from '../pipeline/stages/authentication/authentication.js';
import { Authenticator } from '../pipeline/stages/authentication/authenticator.js';
import type { ConnectCredentials } from '../pipeline/stages/authentication/credentials.js';
import { findProvider } from './find-provider.js';
import { metadataKeys } from './metadata-keys.js';

/** A strategy: what `jwt({...})` and the like give, or a class that the container makes, or already has. */
export type StrategyReference = AuthenticationStrategy | Type<AuthenticationStrategy>;

/** What `@Authenticate()` leaves on a gateway. */
export type AuthenticateMetadata = readonly StrategyReference[] | false;

/** Who has to authenticate how: the module's strategies, and what gateways say instead. */
export class Authenticators {
  readonly #moduleWide: Authenticator | undefined;
  readonly #host: StageHost;
  readonly #made = new Map<Type<AuthenticationStrategy>, MadeStrategy>();

  constructor(moduleWide: readonly StrategyReference[], moduleRef: ModuleRef, host: StageHost) {
    this.#host = host;
    this.#moduleWide = moduleWide.length === 0 ? undefined : this.#create(moduleWide, moduleRef);
  }

  /** Undefined: the gateway is open. */
  of(gateway: Type, moduleRef: ModuleRef): Authenticator | undefined {
    const own = Reflect.getMetadata(metadataKeys.authenticate, gateway) as AuthenticateMetadata | undefined;
    if (own === undefined) return this.#moduleWide;
    return own === false ? undefined : this.#create(own, moduleRef);
  }

  /** Makes the strategies that are classes. Rejects with what the container says about one that it cannot make. */
  async ready(): Promise<void> {
    await Promise.all([...this.#made.values()].map((strategy) => strategy.instance()));
  }

  #create(references: readonly StrategyReference[], moduleRef: ModuleRef): Authenticator {
    const strategies = references.map((reference) => {
      if (typeof reference !== 'function') return reference;
      let strategy = this.#made.get(reference);
      if (strategy === undefined)
        this.#made.set(reference, (strategy = new MadeStrategy(reference, moduleRef)));
      return strategy;
    });
    return new Authenticator(strategies, this.#host);
  }
}

/** Stands in for a class until the container can make it: it may inject what needs the engine. */
class MadeStrategy implements AuthenticationStrategy {
  verifyToken?: NonNullable<AuthenticationStrategy['verifyToken']>;
  readonly #class: Type<AuthenticationStrategy>;
  readonly #moduleRef: ModuleRef;
  #instance: AuthenticationStrategy | null = null;
  #pending: Promise<AuthenticationStrategy> | null = null;

  constructor(metatype: Type<AuthenticationStrategy>, moduleRef: ModuleRef) {
    this.#class = metatype;
    this.#moduleRef = moduleRef;
    if (typeof (metatype.prototype as AuthenticationStrategy).verifyToken === 'function') {
      this.verifyToken = (token, host) => this.#with((strategy) => strategy.verifyToken?.(token, host));
    }
  }

  get name(): string {
    return this.#class.name;
  }

  get challenge(): string {
    return this.#instance?.challenge ?? 'Bearer';
  }

  get firstMessage(): NonNullable<AuthenticationStrategy['firstMessage']> {
    return this.#instance?.firstMessage ?? false;
  }

  get secretQuery(): string | undefined {
    return this.#instance?.secretQuery;
  }

  authenticate(credentials: ConnectCredentials, host: StageHost): Found | Promise<Found> {
    return this.#with((strategy) => strategy.authenticate(credentials, host));
  }

  instance(): Promise<AuthenticationStrategy> {
    this.#pending ??= this.#make().then((instance) => (this.#instance = instance));
    return this.#pending;
  }

  #with(run: (strategy: AuthenticationStrategy) => Found | Promise<Found>): Found | Promise<Found> {
    return this.#instance === null ? this.instance().then(run) : run(this.#instance);
  }

  async #make(): Promise<AuthenticationStrategy> {
    return findProvider(this.#class, this.#moduleRef) ?? (await this.#moduleRef.create(this.#class));
  }
}
