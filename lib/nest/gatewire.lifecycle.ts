import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { GatewireAdapter } from './gatewire.adapter.js';
import { GatewireRuntime } from './gatewire.runtime.js';

/** Puts the adapter in its place when the container makes it, and goes first when the application closes. */
@Injectable()
export class GatewireLifecycle implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly #runtime: GatewireRuntime;

  constructor(
    @Inject(GatewireRuntime) runtime: GatewireRuntime,
    @Inject(GatewireAdapter) adapter: GatewireAdapter,
    @Inject(ApplicationConfig) config: ApplicationConfig,
  ) {
    this.#runtime = runtime;
    config.setIoAdapter(adapter);
  }

  async onModuleInit(): Promise<void> {
    await this.#runtime.ready();
  }

  /** Gateways are bound by now: what is sent to rooms from here on reaches the sessions of an earlier process as well. */
  async onApplicationBootstrap(): Promise<void> {
    await this.#runtime.resume();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#runtime.drain();
  }
}
