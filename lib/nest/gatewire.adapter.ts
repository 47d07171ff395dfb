import type { Server } from 'node:http';
import { type INestApplicationContext, Logger, type WebSocketAdapter } from '@nestjs/common';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { MessageParser } from '../server/frame-decoder.js';
import type { GatewireServer } from '../server/gatewire-server.js';
import { drainBeforeDestroy } from './drain-first.js';
import type { GatewayDecoratorOptions } from './gateway-place.js';
import type { GatewireOptions } from './gatewire.options.js';
import { hostOf, isApplication } from './nest-host.js';
import { GatewireRuntime } from './gatewire.runtime.js';

/**
 * The door by which Nest's socket module hands over its gateways. With `GatewireModule` imported nobody makes one;
 * without the module:
 *
 * @example
 * app.useWebSocketAdapter(new GatewireAdapter(app));
 */
export class GatewireAdapter implements WebSocketAdapter {
  readonly #runtime: GatewireRuntime;

  /**
   * @throws {OptionError} for an option that cannot work
   * @throws {GatewireError} for an HTTP server: gateways are found in an application
   */
  constructor(app: INestApplicationContext | Server, options?: GatewireOptions);
  /** @internal What the module makes. */
  constructor(runtime: GatewireRuntime);
  constructor(given: INestApplicationContext | Server | GatewireRuntime, options: GatewireOptions = {}) {
    this.#runtime = isRuntime(given) ? given : runtimeOf(given, options);
  }

  /** Reaches the connections of all gateways. */
  get server(): GatewireServer {
    return this.#runtime.engine.server;
  }

  /** Set by Nest, from the application's options: a shutdown then does not wait for peers. */
  set forceCloseConnections(force: boolean | undefined) {
    this.#runtime.forceCloseConnections = force ?? false;
  }

  /** From now on frames are read by `parser` alone, as with platform-ws. */
  setMessageParser(parser: MessageParser): void {
    this.#runtime.engine.setMessageParser(parser);
  }

  /** Called by Nest for each port and path: gives what `@WebSocketServer()` fields hold. */
  create(port: number, options: GatewayDecoratorOptions = {}): GatewireServer {
    return this.#runtime.serve(port, options);
  }

  /** Called by Nest for each gateway, in its order. Nothing is bound to a client: connections, hooks and messages are the engine's. */
  bindClientConnect(server: unknown): void {
    this.#runtime.registry.connect(server);
  }

  /** Not called: nothing is bound to a client. */
  bindMessageHandlers(): void {
    throw new GatewireError(ErrorCode.Internal, 'messages reach their handlers without Nest');
  }

  /** Called by Nest for each server at shutdown; they all close together. */
  async close(): Promise<void> {
    await this.#runtime.drain();
  }

  /** Called by Nest when all are closed. */
  async dispose(): Promise<void> {
    await this.#runtime.drain();
    await this.#runtime.engine.close();
  }
}

const runtimeBrand = 'engine';

function isRuntime(given: object): given is GatewireRuntime {
  return runtimeBrand in given;
}

function runtimeOf(given: INestApplicationContext | Server, options: GatewireOptions): GatewireRuntime {
  if (!isApplication(given)) {
    throw new GatewireError(
      ErrorCode.Internal,
      'GatewireAdapter needs the application, not its HTTP server',
      {
        remediation: 'new GatewireAdapter(app), or import GatewireModule and leave the adapter out.',
      },
    );
  }
  const runtime = new GatewireRuntime(options, hostOf(given), new Logger('Gatewire'));
  drainBeforeDestroy(given, runtime);
  return runtime;
}
