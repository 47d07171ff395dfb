import type { Client } from './client-api.js';
import { clientSettings, type Platform } from './client-settings.js';
import { RealtimeClient } from './client.js';
import type { AnyContract, Contract } from './contract.js';
import type { ClientOptions } from './options.js';

/** Makes the `createClient` of a platform. */
export function clientOf(
  platform: Platform,
): <C extends Contract = AnyContract>(options: ClientOptions) => Client<C> {
  return <C extends Contract>(options: ClientOptions) =>
    // The contract is for the compiler alone.
    new RealtimeClient(clientSettings(options, platform)) as unknown as Client<C>;
}
