import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { Connection } from '../connection/connection.js';
import type { ControlFrameKind } from '../connection/connection-ports.js';
import type { DisconnectReason } from '../connection/disconnect-reason.js';
import type { Handshake } from '../connection/handshake.js';
import type { InboundFrame } from '../pipeline/inbound-frame.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { GatewayMiddleware } from '../pipeline/middleware.js';
import type { OutboundFrame } from '../pipeline/outbound-frame.js';
import type { OutboundMessage } from '../pipeline/outbound-message.js';
import type { ConnectionContexts } from './connection-contexts.js';
import { type AnyPhase, phases } from './stand-in.js';

type AnyContext = Handshake | InboundFrame | InboundMessage | OutboundMessage | OutboundFrame | Connection;

/**
 * A request-scoped middleware: one instance for each connection, in the connection's injection context. What goes out
 * therefore passes it once for each receiver.
 */
export class ScopedMiddleware implements GatewayMiddleware {
  readonly perConnection = true;
  handshake?: NonNullable<GatewayMiddleware['handshake']>;
  inboundFrame?: NonNullable<GatewayMiddleware['inboundFrame']>;
  inbound?: NonNullable<GatewayMiddleware['inbound']>;
  outbound?: NonNullable<GatewayMiddleware['outbound']>;
  outboundFrame?: NonNullable<GatewayMiddleware['outboundFrame']>;
  readonly #class: Type<GatewayMiddleware>;
  readonly #moduleRef: ModuleRef;
  readonly #contexts: ConnectionContexts;
  readonly #instances = new WeakMap<Connection, GatewayMiddleware | Promise<GatewayMiddleware>>();

  constructor(metatype: Type<GatewayMiddleware>, moduleRef: ModuleRef, contexts: ConnectionContexts) {
    this.#class = metatype;
    this.#moduleRef = moduleRef;
    this.#contexts = contexts;
    for (const name of phases) {
      if (name === 'disconnected' || name === 'controlFrame') continue;
      if (typeof (metatype.prototype as GatewayMiddleware)[name] === 'function')
        this[name] = this.#passOn(name);
    }
  }

  /** Told to the instance that the connection's messages have made. */
  controlFrame(connection: Connection, kind: ControlFrameKind): void {
    const instance = this.#instances.get(connection);
    if (!(instance instanceof Promise)) instance?.controlFrame?.(connection, kind);
  }

  disconnected(connection: Connection, reason: DisconnectReason): void {
    const instance = this.#instances.get(connection);
    if (instance === undefined) return;
    this.#instances.delete(connection);
    if (!(instance instanceof Promise)) instance.disconnected?.(connection, reason);
    this.#contexts.release(connection);
  }

  #passOn(name: Exclude<(typeof phases)[number], 'disconnected' | 'controlFrame'>): AnyPhase {
    return (context: AnyContext, next) => {
      const instance = this.#of(connectionOf(context));
      if (!(instance instanceof Promise))
        return (instance[name] as AnyPhase).call(instance, context as never, next);
      return instance.then((made) => (made[name] as AnyPhase).call(made, context as never, next));
    };
  }

  #of(connection: Connection): GatewayMiddleware | Promise<GatewayMiddleware> {
    const known = this.#instances.get(connection);
    if (known !== undefined) return known;
    this.#contexts.hold(connection);
    const contextId = this.#contexts.of(connection, false);
    const pending = this.#moduleRef.resolve(this.#class, contextId, { strict: false }).then((instance) => {
      if (this.#instances.has(connection)) this.#instances.set(connection, instance);
      return instance;
    });
    this.#instances.set(connection, pending);
    return pending;
  }
}

function connectionOf(context: AnyContext): Connection {
  if ('connection' in context) return context.connection;
  if ('owner' in context) return context.owner as Connection;
  const { target } = 'message' in context ? context.message : (context as OutboundMessage);
  if (target.kind === 'connection') return target.connection;
  throw new Error('a request-scoped middleware was asked about a message to several connections');
}
