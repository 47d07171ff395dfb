import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseFilters,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { IsString } from 'class-validator';
import { throwError } from 'rxjs';
import { freePort } from '../../support/free-port.js';

/** Ports of the gateways that have their own; Nest's tests use 8080, 8090 and 8085. */
export const ports = { application: await freePort(), core: await freePort(), error: await freePort() };

interface PatternedClient {
  pattern?: string;
  emit(event: string, data: unknown): void;
}

/** Leaves the pattern on the client, where handlers look for it. */
@Injectable()
class RequestInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    const ws = context.switchToWs();
    ws.getClient<PatternedClient>().pattern = ws.getPattern();
    return next.handle();
  }
}

@Catch(WsException)
class RequestFilter implements ExceptionFilter<WsException> {
  catch(exception: WsException, host: ArgumentsHost): void {
    const ws = host.switchToWs();
    ws.getClient<PatternedClient>().emit('exception', {
      pattern: ws.getPattern(),
      message: exception.message,
    });
  }
}

class PushAndClient {
  @SubscribeMessage('push')
  onPush(_client: unknown, data: unknown): unknown {
    return { event: 'pop', data };
  }

  @UseInterceptors(RequestInterceptor)
  @SubscribeMessage('getClient')
  getClient(client: PatternedClient, data: object): unknown {
    return { event: 'popClient', data: { ...data, path: client.pattern } };
  }

  @UseFilters(RequestFilter)
  @SubscribeMessage('getClientWithError')
  getClientWithError(): unknown {
    return throwError(() => new WsException('This is an error'));
  }
}

@WebSocketGateway(ports.application)
export class ApplicationGateway extends PushAndClient {}

@WebSocketGateway(ports.core)
export class CoreGateway extends PushAndClient {}

@WebSocketGateway()
export class ServerGateway extends PushAndClient {}

@WebSocketGateway({ path: '/example' })
export class ExamplePathGateway extends PushAndClient {}

@WebSocketGateway({ path: '/ws-path' })
export class WsPathGateway extends PushAndClient {}

@WebSocketGateway(ports.core, { path: '/example' })
export class OwnPortExampleGateway extends PushAndClient {}

@WebSocketGateway(ports.core, { path: '/ws-path' })
export class OwnPortPathGateway extends PushAndClient {}

@WebSocketGateway(ports.error)
export class WsErrorGateway {
  @SubscribeMessage('push')
  onPush(): unknown {
    return throwError(() => new WsException('test'));
  }
}

class PushDto {
  @IsString()
  stringProp!: string;
}

@WebSocketGateway()
export class ValidationPipeGateway {
  @UsePipes(new ValidationPipe({ exceptionFactory: (errors) => new WsException(errors.map(String)) }))
  @SubscribeMessage('push')
  onPush(@MessageBody() data: PushDto): unknown {
    return { event: 'pop', data };
  }
}

@WebSocketGateway({ path: '/throws' })
export class SyncRejectingGateway {
  handleConnection(): void {
    throw new WsException('Unauthorized');
  }
}

@WebSocketGateway({ path: '/rejects' })
export class AsyncRejectingGateway {
  async handleConnection(): Promise<void> {
    await Promise.resolve();
    throw new WsException('Unauthorized');
  }
}
