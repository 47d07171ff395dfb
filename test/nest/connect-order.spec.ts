import { Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { AddressInfo } from 'node:net';
import { GatewireModule } from '../../lib/nest/gatewire.module.js';
import { TestClient } from '../support/test-client.js';

type Log = string[];

/** Gateways of every make that Nest can connect: with and without `afterInit`, as a method, as a property. */
function gateways(log: Log): Type[] {
  abstract class Base implements OnGatewayConnection {
    handleConnection(): void {
      log.push(`${this.constructor.name} connected`);
    }
    @SubscribeMessage('who')
    who(): { event: string; data: string } {
      return { event: 'who', data: this.constructor.name };
    }
  }
  @WebSocketGateway()
  class Plain extends Base {}
  @WebSocketGateway()
  class WithMethod extends Base implements OnGatewayInit {
    afterInit(): void {
      log.push('WithMethod initialised');
    }
  }
  @WebSocketGateway()
  class WithProperty extends Base implements OnGatewayInit {
    afterInit = (): void => void log.push('WithProperty initialised');
  }
  @WebSocketGateway()
  class WithSideEffect extends Base implements OnGatewayInit {
    declare gone: boolean;
    afterInit(): void {
      log.push(`WithSideEffect has ${Object.keys(this).length} properties`);
    }
  }
  @WebSocketGateway()
  class Last extends Base {}
  return [Plain, WithMethod, WithProperty, WithSideEffect, Last];
}

async function transcript(withGatewire: boolean, from: number): Promise<{ log: Log; frames: unknown[] }> {
  const log: Log = [];
  const providers = gateways(log);
  const rotated = [...providers.slice(from), ...providers.slice(0, from)];
  @Injectable()
  class Unrelated {}
  @Module({ imports: withGatewire ? [GatewireModule.forRoot()] : [], providers: [Unrelated, ...rotated] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  if (!withGatewire) app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  const client = await TestClient.open(
    `ws://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`,
  );
  client.send({ event: 'who' });
  const frames: unknown[] = [];
  while (frames.length < rotated.length) frames.push(await client.nextJson());
  client.terminate();
  await app.close();
  return { log, frames };
}

describe('the order of gateways that share a path', () => {
  it.each([0, 1, 2, 3, 4])('is that of platform-ws, whichever is first (%d)', async (from) => {
    expect(await transcript(true, from)).toEqual(await transcript(false, from));
  });
});
