import { type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import type { Connection } from '../../connection/connection.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';

/** What `ThrottlerGuard` of `@nestjs/throttler` (6) lets its subclasses change, as far as we do. */
interface Throttling {
  canActivate(context: ExecutionContext): Promise<boolean>;
  getRequestResponse(context: ExecutionContext): { req: Record<string, any>; res: Record<string, any> };
  throwThrottlingException(context: ExecutionContext, detail: LimitDetail): Promise<void>;
}

interface LimitDetail {
  readonly timeToBlockExpire: number;
}

/** The class `ThrottlerGuard`; its protected methods are not part of its public type. */
export type ThrottlerGuardClass = Type<{ canActivate(context: ExecutionContext): Promise<boolean> }>;

/** A response whose headers nobody will see. */
const noResponse = { header: (): void => undefined };

/**
 * The `ThrottlerGuard` of `@nestjs/throttler`, or a subclass of it, made fit for gateways: the module's throttlers,
 * `@Throttle()`, `@SkipThrottle()`, `skipIf` and the storage are its own. Requests of other kinds pass on to it unchanged.
 */
export function forGateways(guard: ThrottlerGuardClass): ThrottlerGuardClass {
  const Base = guard as unknown as Type<Throttling>;

  @Injectable()
  class GatewayThrottlerGuard extends Base {
    override getRequestResponse(context: ExecutionContext): ReturnType<Throttling['getRequestResponse']> {
      if (context.getType() !== 'ws') return super.getRequestResponse(context);
      const connection = context.switchToWs().getClient<Connection>();
      const { handshake } = connection;
      // What trackers and user agent lists of an application read of an HTTP request. Trackers written for gateways
      // find the connection.
      const req = {
        ip: handshake.address,
        ips: [],
        headers: handshake.headers,
        url: handshake.url,
        user: connection.principal,
        connection,
      };
      return { req, res: noResponse };
    }

    override throwThrottlingException(context: ExecutionContext, detail: LimitDetail): Promise<void> {
      if (context.getType() !== 'ws') return super.throwThrottlingException(context, detail);
      throw new GatewireError(ErrorCode.RateLimited, 'too many messages', {
        details: { retryAfterMs: detail.timeToBlockExpire * 1_000 },
      });
    }
  }
  return GatewayThrottlerGuard;
}
