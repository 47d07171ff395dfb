// A Nest app: under platform-ws or under gatewire with no option at all, by VARIANT ("gatewire", "gatewire:enhanced" …).
/* eslint-disable @typescript-eslint/no-extraneous-class -- Nest's modules, and gateways that get their methods below */
import 'reflect-metadata';
import { Injectable, Module, UseGuards, UseInterceptors, UsePipes, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import { IsBoolean, IsInt, IsNumber, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { GatewireModule, hmacKey, Signing, staticKeys } from 'gatewire';
import { SqliteSessionStore } from 'gatewire/sqlite';
import { map } from 'rxjs';

const [host, variant = 'plain'] = process.env.VARIANT.split(':');
const isGatewire = host === 'gatewire';

class Guard {
  canActivate(context) {
    return context.switchToWs().getClient() !== undefined;
  }
}
class Interceptor {
  intercept(_context, next) {
    return next.handle().pipe(map((value) => value));
  }
}
Injectable()(Guard);
Injectable()(Interceptor);

/** What an echo asks for: five fields, one of them an object. */
class Position {}
class Item {}
for (const name of ['x', 'y']) IsNumber()(Position.prototype, name);
IsString()(Item.prototype, 'name');
IsInt()(Item.prototype, 'qty');
IsNumber()(Item.prototype, 'price');
IsBoolean()(Item.prototype, 'active');
ValidateNested()(Item.prototype, 'pos');
Type(() => Position)(Item.prototype, 'pos');

/** What a row adds to the echo. */
const echoDecorators = {
  enhanced: [UseGuards(Guard), UseInterceptors(Interceptor)],
  validated: [
    UseGuards(Guard),
    UseInterceptors(Interceptor),
    UsePipes(new ValidationPipe({ transform: true, whitelist: true })),
  ],
};

/** A stage that reads the event and writes one key of `meta`. */
const stage = (key) => ({
  inbound(message, next) {
    (message.meta ??= {})[key] = message.event;
    return next();
  },
});

/** What a row adds to the module: none of it is there in the others. */
const options = {
  stages: { middleware: Array.from({ length: 10 }, (_, i) => stage(`stage${i}`)) },
  deflated: { compression: { thresholdBytes: 0 } },
  durable: {
    session: {
      store: process.env.STORE_FILE
        ? new SqliteSessionStore({ file: process.env.STORE_FILE, durability: process.env.STORE_DURABILITY })
        : undefined,
      // After a restart all are away, and those who publish.
      away: 20_000,
    },
  },
  signed: {
    middleware: [
      Signing.of({
        keys: staticKeys([hmacKey('bench', '0'.repeat(32))]),
        outbound: 'all',
        maxNonces: 10_000_000,
      }),
    ],
  },
}[variant];

/** Decorates a method as a handler, by hand: the servers need no build. */
function handles(gateway, method, event, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(gateway.prototype, method);
  Reflect.defineMetadata('design:paramtypes', [Item, Object], gateway.prototype, method);
  MessageBody()(gateway.prototype, method, 0);
  ConnectedSocket()(gateway.prototype, method, 1);
  for (const decorate of [SubscribeMessage(event), ...decorators])
    decorate(gateway.prototype, method, descriptor);
}

/** platform-ws has no rooms: its users keep a set. */
const room = new Set();

class BenchGateway {
  server;

  echo(data) {
    // platform-ws sends what is returned; gatewire knows whose answer it is.
    return isGatewire ? data : { event: 'echo', data };
  }

  async echoLater(data) {
    await undefined;
    return this.echo(data);
  }

  echoSlowly(data) {
    return new Promise((resolve) => setTimeout(() => resolve(this.echo(data)), 5));
  }

  join(_data, client) {
    if (isGatewire) client.join('r');
    else room.add(client);
  }

  publish({ count, msg }) {
    for (let i = 0; i < count; i++) {
      if (isGatewire) {
        this.server.to('r').emit('msg', msg);
      } else {
        const text = JSON.stringify({ event: 'msg', data: msg });
        for (const client of room) client.send(text);
      }
    }
  }
}
WebSocketServer()(BenchGateway.prototype, 'server');
const echoMethod = { async: 'echoLater', slow: 'echoSlowly' }[variant] ?? 'echo';
handles(BenchGateway, echoMethod, 'echo', ...(echoDecorators[variant] ?? []));
handles(BenchGateway, 'join', 'join');
handles(BenchGateway, 'publish', 'publish');
if (variant === 'thirty') addHandlers(BenchGateway, 30, 'more');
WebSocketGateway()(BenchGateway);

function addHandlers(gateway, count, prefix) {
  for (let i = 0; i < count; i++) {
    const name = `${prefix}${i}`;
    gateway.prototype[name] = (data) => data;
    handles(gateway, name, name);
  }
}

const gateways = [BenchGateway];
for (let i = 1; variant === 'ten' && i < 10; i++) {
  const gateway = class {};
  addHandlers(gateway, 10, `gateway${i}_`);
  WebSocketGateway()(gateway);
  gateways.push(gateway);
}

class AppModule {}
Module({ imports: isGatewire ? [GatewireModule.forRoot(options)] : [], providers: gateways })(AppModule);
const app = await NestFactory.create(AppModule, { logger: ['error'] });
if (!isGatewire) app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(Number(process.env.PORT));
