import type { RoomAuthorizerBinding } from '../pipeline/message-handler.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { RoomAuthorizer } from './decorators/room-authorizer.decorator.js';
import type { ProviderWrapper } from './gateway.explorer.js';
import { metadataKeys } from './metadata-keys.js';

/**
 * What the providers with `@RoomAuthorizer()` bring to every endpoint.
 *
 * @throws {GatewireError} for one that is request-scoped: it decides for all connections
 */
export function bindRoomAuthorizers(providers: readonly ProviderWrapper[]): RoomAuthorizerBinding[] {
  return providers.flatMap((provider) => {
    const metatype = provider.metatype as object;
    if (!provider.isDependencyTreeStatic()) {
      throw new GatewireError(
        ErrorCode.Internal,
        `${provider.name}: a room authorizer cannot be request-scoped`,
        {
          remediation:
            'Give it, and what it injects, the default scope; the connection is an argument of its methods.',
        },
      );
    }
    const patterns = Reflect.getMetadata(metadataKeys.roomAuthorizer, metatype) as readonly string[];
    return patterns.map((pattern) => bindingFor(provider.instance as RoomAuthorizer, pattern));
  });
}

function bindingFor(authorizer: RoomAuthorizer, pattern: string): RoomAuthorizerBinding {
  return {
    pattern,
    ...(authorizer.canSubscribe && { canSubscribe: authorizer.canSubscribe.bind(authorizer) }),
    ...(authorizer.canPublish && { canPublish: authorizer.canPublish.bind(authorizer) }),
  };
}
