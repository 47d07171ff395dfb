import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { TransactionalOutbox } from '../delivery/transactional-outbox.js';
import { GatewireServer } from '../server/gatewire-server.js';
import { destroyFirst } from './drain-first.js';
import { GatewireAdapter } from './gatewire.adapter.js';
import { GatewireLifecycle } from './gatewire.lifecycle.js';
import {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type OPTIONS_TYPE,
} from './gatewire.module-definition.js';
import type { GatewireOptions } from './gatewire.options.js';
import { GatewireRuntime } from './gatewire.runtime.js';
import { noOutbox } from './transactions.js';

/**
 * Serves the gateways of an application over plain WebSockets. Importing it is enough; `GatewireServer` can then be
 * injected everywhere.
 *
 * @example
 * \@Module({ imports: [GatewireModule.forRoot()], providers: [ChatGateway] })
 * export class AppModule {}
 */
@Module({
  providers: [
    {
      provide: GatewireRuntime,
      useFactory: (
        options: GatewireOptions | undefined,
        modules: ModulesContainer,
        contextCreator: ExternalContextCreator,
        moduleRef: ModuleRef,
        httpAdapterHost: HttpAdapterHost,
      ) =>
        new GatewireRuntime(
          options ?? {},
          { modules, contextCreator, moduleRef, httpAdapterHost },
          new Logger('Gatewire'),
        ),
      inject: [
        { token: MODULE_OPTIONS_TOKEN, optional: true },
        ModulesContainer,
        ExternalContextCreator,
        ModuleRef,
        HttpAdapterHost,
      ],
    },
    {
      provide: GatewireAdapter,
      useFactory: (runtime: GatewireRuntime) => new GatewireAdapter(runtime),
      inject: [GatewireRuntime],
    },
    {
      provide: GatewireServer,
      useFactory: (runtime: GatewireRuntime) => runtime.engine.server,
      inject: [GatewireRuntime],
    },
    {
      provide: TransactionalOutbox,
      useFactory: (runtime: GatewireRuntime) => runtime.transactions?.outbox ?? noOutbox(),
      inject: [GatewireRuntime],
    },
    GatewireLifecycle,
  ],
  exports: [GatewireServer, TransactionalOutbox],
})
export class GatewireModule extends ConfigurableModuleClass {
  constructor(modules: ModulesContainer) {
    super();
    destroyFirst(modules, GatewireModule);
  }

  /** @throws {OptionError} when the application starts, for an option that cannot work */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}
