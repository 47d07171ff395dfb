import { exponential, type RetryStrategy } from '../exchange/retry-strategy.js';
import { type Clock, clientClock } from '../primitives/clock.js';
import { durationMs, limit } from '../primitives/option-checks.js';
import type { Environment } from './environment.js';
import type { ClientOptions, ClientTimeouts, OutboxPolicy } from './options.js';
import type { Connect } from './socket.js';

/** What a platform brings along. */
export interface Platform {
  readonly connect: Connect;
  readonly environment: Environment;
}

/** Options with every default filled in. */
export interface ClientSettings extends Omit<ClientOptions, keyof Platform>, Platform {
  readonly session: boolean;
  readonly reconnect: RetryStrategy | false;
  readonly clock: Clock;
  readonly connectMs: number;
  readonly requestMs: number;
  readonly closeMs: number;
  readonly idleMs: number;
  readonly outboxMessages: number;
  readonly outboxBytes: number;
  readonly outboxAgeMs: number;
  readonly whenFull: OutboxPolicy;
}

const defaults = {
  connectMs: 10_000,
  requestMs: 10_000,
  closeMs: 2_000,
  idleMs: false,
  messages: 1_000,
  bytes: 1_048_576,
  ageMs: 86_400_000,
} as const;

/** @throws {OptionError} naming the option that cannot work */
export function clientSettings(options: ClientOptions, platform: Platform): ClientSettings {
  const { timeouts, outbox } = options;
  const ms = (name: keyof ClientTimeouts): number =>
    durationMs(`timeouts.${name}`, timeouts?.[name] ?? defaults[name]);
  const bound = (name: 'messages' | 'bytes'): number =>
    limit(`outbox.${name}`, outbox?.[name] ?? defaults[name]);
  return {
    session: true,
    reconnect: exponential(),
    clock: clientClock,
    ...platform,
    ...withoutUndefined(options),
    connectMs: ms('connectMs'),
    requestMs: ms('requestMs'),
    closeMs: ms('closeMs'),
    idleMs: ms('idleMs'),
    outboxMessages: bound('messages'),
    outboxBytes: bound('bytes'),
    outboxAgeMs: durationMs('outbox.ageMs', outbox?.ageMs ?? defaults.ageMs),
    whenFull: outbox?.whenFull ?? 'refuse',
  };
}

/** An option that is there with `undefined` means its default. */
function withoutUndefined(options: ClientOptions): ClientOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as ClientOptions;
}
