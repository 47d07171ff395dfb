import type { Logger } from '@nestjs/common';
import { Engine } from '../server/engine.js';
import { Authenticators } from './authenticators.js';
import { ConnectionContexts } from './connection-contexts.js';
import type { GatewireServer } from '../server/gatewire-server.js';
import { drainBeforeClose } from './drain-first.js';
import { EnhancerResolver } from './enhancer-resolver.js';
import { mapNestError } from './error-mapper.js';
import { GatewayExplorer } from './gateway.explorer.js';
import type { GatewayDecoratorOptions } from './gateway-place.js';
import { GatewayBinder } from './gateway.binder.js';
import { GatewayRegistry } from './gateway.registry.js';
import type { GatewireOptions } from './gatewire.options.js';
import { HandlerCompiler } from './handler-compiler.js';
import { MiddlewareResolver } from './middleware-resolver.js';
import type { NestHost } from './nest-host.js';
import { Transactions } from './transactions.js';

/** One engine in one Nest application, with everything that stands between them. */
export class GatewireRuntime {
  readonly engine: Engine;
  /** Whether a shutdown terminates connections instead of waiting for peers: Nest's option of the same name. */
  forceCloseConnections = false;
  readonly #host: NestHost;
  readonly registry: GatewayRegistry;
  /** Null where the option says nothing. */
  readonly transactions: Transactions | null;
  readonly #middleware: MiddlewareResolver;
  readonly #authenticators: Authenticators;
  #isServing = false;

  /** @throws {OptionError} for an option that cannot work */
  constructor(options: GatewireOptions, host: NestHost, logger: Logger) {
    const {
      middleware = [],
      authenticate = [],
      messageParser,
      transactions,
      globalFilters = false,
      guardConnections = false,
    } = options;
    const contexts = new ConnectionContexts(host.moduleRef);
    this.#middleware = new MiddlewareResolver(contexts, host.modules);
    this.engine = new Engine(options, {
      logger,
      mapError: mapNestError,
      middleware: middleware.map((reference) => this.#middleware.resolve(reference, host.moduleRef)),
    });
    if (messageParser !== undefined) this.engine.setMessageParser(messageParser);
    this.transactions =
      transactions === undefined
        ? null
        : new Transactions(transactions, this.engine.stageHost, this.engine.server);
    const enhancers = new EnhancerResolver(host.contextCreator, globalFilters);
    this.#authenticators = new Authenticators(authenticate, host.moduleRef, this.engine.stageHost);
    const explorer = new GatewayExplorer(host.modules);
    const binder = new GatewayBinder({
      explorer,
      enhancers,
      compiler: new HandlerCompiler(
        enhancers,
        logger,
        this.engine.options.isCompatible,
        this.transactions?.settlements,
      ),
      contexts,
      middleware: this.#middleware,
      authenticators: this.#authenticators,
      stageHost: this.engine.stageHost,
      guardConnections,
      isCompatible: this.engine.options.isCompatible,
    });
    this.#host = host;
    this.registry = new GatewayRegistry(this.engine, host, explorer, binder);
  }

  /** The server of the gateways at a port and path; the first one asked for makes them all known. */
  serve(port: number, options: GatewayDecoratorOptions): GatewireServer {
    // Only now is the HTTP adapter the one that will be closed.
    if (!this.#isServing) drainBeforeClose(this.#host.httpAdapterHost, this);
    this.#isServing = true;
    return this.registry.server(port, options);
  }

  /** Makes middleware and strategies. Rejects where the container cannot: an application should not start without. */
  async ready(): Promise<void> {
    await this.#middleware.ready();
    await this.#authenticators.ready();
  }

  /** Gateways are bound: what was left by earlier processes goes on here. */
  async resume(): Promise<void> {
    await this.engine.ready();
    this.transactions?.start();
  }

  /** Closes all connections: gracefully, or at once. */
  async drain(): Promise<void> {
    await this.transactions?.flush();
    if (this.forceCloseConnections)
      for (const connection of this.engine.server.clients) connection.terminate();
    await this.engine.drain();
  }
}
