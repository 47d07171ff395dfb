import type { CanActivate, Type } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import type { Connection } from '../connection/connection.js';
import { isPromise } from '../primitives/is-promise.js';
import type { GatewayBinding } from '../server/gateway-binding.js';
import type { EnhancerResolver } from './enhancer-resolver.js';
import { MessageContext } from './execution-context.js';
import { GuardRefusal, runGuards } from './guard-chain.js';
import type { GatewayInstances } from './gateway-instances.js';
import type { HandlerCompiler } from './handler-compiler.js';
import { nestMetadataKeys } from './metadata-keys.js';
import type { OnDeadLetter } from './on-dead-letter.js';
import type { OnHandshake } from './on-handshake.js';

const hookName = 'handleConnection';

interface Hooks extends Partial<OnHandshake>, Partial<OnDeadLetter> {
  handleConnection?(...args: unknown[]): unknown;
  handleDisconnect?(...args: unknown[]): unknown;
}

/** What the hooks of a gateway are made with. */
export interface ConnectHookSettings {
  readonly instances: GatewayInstances;
  readonly enhancers: EnhancerResolver;
  readonly compiler: HandlerCompiler;
  /** Whether class and global guards are asked before the 101 too. */
  readonly guardConnections: boolean;
  /** platform-ws gives `handleDisconnect` the close code, asks no guards at connect and knows no failed hooks. */
  readonly isCompatible: boolean;
}

type ConnectHooks = Pick<
  GatewayBinding,
  'handshake' | 'connect' | 'connectFailed' | 'disconnect' | 'deadLetter'
>;

/** The hooks of a gateway around the life of a connection; absent where the gateway has none, so that they cost nothing. */
export function createConnectHooks(settings: ConnectHookSettings): ConnectHooks {
  const { instances, compiler, isCompatible } = settings;
  const shared = instances.shared as Hooks;
  const hooks: ConnectHooks = {};
  if (hasHandshake(settings)) hooks.handshake = createHandshakeHook(settings);
  if (shared.handleConnection !== undefined) {
    hooks.connect = (connection, request) =>
      withInstance(instances, connection, (instance) =>
        instance.handleConnection?.(connection, request),
      ) as void;
    const filters = compiler.filters(instances.site(shared, hookName));
    hooks.connectFailed = (error, connection) => filters.handle(error, contextOf(shared, connection));
  }
  if (shared.handleDisconnect !== undefined || !instances.isStatic) {
    hooks.disconnect = async (connection, reason) => {
      try {
        const told = isCompatible ? reason.code : reason;
        await withInstance(instances, connection, (instance) =>
          instance.handleDisconnect?.(connection, told),
        );
      } finally {
        instances.forget(connection);
      }
    };
  }
  if (shared.onDeadLetter !== undefined)
    hooks.deadLetter = (letter) =>
      withInstance(instances, letter.connection, (instance) => instance.onDeadLetter?.(letter)) as void;
  return hooks;
}

function hasHandshake(settings: ConnectHookSettings): boolean {
  const { instances, enhancers, guardConnections, isCompatible } = settings;
  const shared = instances.shared as Hooks;
  const { handleConnection } = shared;
  if (shared.onHandshake !== undefined) return true;
  const hasGuards = handleConnection && Reflect.hasMetadata(nestMetadataKeys.guards, handleConnection);
  // platform-ws never asks them.
  if (hasGuards && !isCompatible) return true;
  if (!guardConnections) return false;
  // Which guards a scoped gateway has shows only with a connection.
  return !instances.isStatic || enhancers.guards(instances.site(shared, hookName)).length > 0;
}

function createHandshakeHook({
  instances,
  enhancers,
  guardConnections,
  isCompatible,
}: ConnectHookSettings): NonNullable<GatewayBinding['handshake']> {
  const guardsOf = (instance: object, connection?: Connection): CanActivate[] => {
    const site = instances.site(instance, hookName, connection);
    if (guardConnections) return enhancers.guards(site);
    return isCompatible ? [] : enhancers.methodGuards(site);
  };
  const staticGuards = instances.isStatic ? guardsOf(instances.shared) : undefined;
  return (connection) =>
    withInstance(instances, connection, (instance) =>
      refusing(() => {
        const isAllowed = runGuards(
          staticGuards ?? guardsOf(instance, connection),
          contextOf(instance, connection),
        );
        if (isPromise(isAllowed)) return isAllowed.then((settled) => enter(instance, connection, settled));
        return enter(instance, connection, isAllowed);
      }),
    ) as void | Promise<void>;
}

function enter(instance: Hooks, connection: Connection, isAllowed: boolean): unknown {
  if (!isAllowed) throw new GuardRefusal();
  return instance.onHandshake?.(connection.handshake, connection);
}

/** Gives a `WsException` the status it has at connect. */
function refusing(run: () => unknown): unknown {
  const translate = (error: unknown): never => {
    throw error instanceof WsException && !('getStatus' in error)
      ? Object.assign(error, { getStatus: () => 403 })
      : (error as Error);
  };
  try {
    const pending = run();
    return isPromise(pending) ? pending.then(undefined, translate) : pending;
  } catch (error) {
    return translate(error);
  }
}

function withInstance(
  instances: GatewayInstances,
  connection: Connection,
  run: (instance: Hooks) => unknown,
): unknown {
  const instance = instances.of(connection);
  return instance instanceof Promise ? instance.then(run) : run(instance);
}

/** What guards and filters see of a connect hook: the connection, and no data. */
function contextOf(instance: object, connection: Connection): MessageContext {
  const callback = (instance as Hooks).handleConnection ?? (() => undefined);
  return new MessageContext(
    { classRef: instance.constructor as Type, callback, pattern: hookName },
    connection,
  );
}
