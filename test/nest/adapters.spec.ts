import { createServer } from 'node:http';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { GatewireAdapter } from '../../lib/nest/gatewire.adapter.js';
import { GatewireModule } from '../../lib/nest/gatewire.module.js';
import { OptionError } from '../../lib/primitives/option-error.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from './nest-app.js';

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('x')
  x() {
    return 'y';
  }
}

@Controller()
class Pages {
  @Get('/')
  page() {
    return 'plain http';
  }
}

describe('GatewireModule', () => {
  it.each([
    ['Express', undefined],
    ['Fastify', () => new FastifyAdapter()],
  ])('serves on the HTTP server of %s, whose pages it leaves alone', async (_, adapter) => {
    @Module({ imports: [GatewireModule.forRoot()], providers: [Gateway], controllers: [Pages] })
    class AppModule {}
    const nest = adapter
      ? await NestFactory.create(AppModule, adapter(), { logger: false })
      : await NestFactory.create(AppModule, { logger: false });
    await nest.listen(0, '127.0.0.1');
    const app = new NestApp(nest);
    const client = await app.connect();
    expect(await client.ask('x')).toEqual({ id: 1, data: 'y' });
    const page = await fetch(app.url.replace('ws', 'http'));
    expect(await page.text()).toBe('plain http');
    await nest.close();
    expect((await client.closed).code).toBe(1001);
  });

  it('takes its options from a factory', async () => {
    @Module({ providers: [{ provide: 'PATH', useValue: 200 }], exports: ['PATH'] })
    class Config {}
    @Module({
      imports: [
        GatewireModule.forRootAsync({
          imports: [Config],
          inject: ['PATH'],
          useFactory: async (maxPayloadBytes: number) => ({ limits: { maxPayloadBytes } }),
        }),
      ],
      providers: [Gateway],
    })
    class AppModule {}
    const nest = await NestFactory.create(AppModule, { logger: false });
    await nest.listen(0, '127.0.0.1');
    const app = new NestApp(nest);
    const client = await app.connect();
    client.send({ event: 'x', data: 'z'.repeat(200) });
    expect((await client.closed).code).toBe(1009);
    await nest.close();
  });

  it('refuses options that cannot work when the application starts', async () => {
    await expect(NestApp.start({ options: { concurrency: 0 } })).rejects.toThrow(OptionError);
  });

  it('works in a testing module, and in an application context without a server', async () => {
    const testing = await Test.createTestingModule({
      imports: [GatewireModule.forRoot()],
      providers: [Gateway],
    }).compile();
    const nest = testing.createNestApplication();
    await nest.listen(0, '127.0.0.1');
    const app = new NestApp(nest);
    expect(await (await app.connect()).ask('x')).toEqual({ id: 1, data: 'y' });
    await app.stop();
    @Module({ imports: [GatewireModule.forRoot()], providers: [Gateway] })
    class ContextModule {}
    const context = await NestFactory.createApplicationContext(ContextModule, {
      logger: false,
      abortOnError: false,
    });
    expect(context.get(GatewireServer)).toBeInstanceOf(GatewireServer);
    await context.close();
  });

  it('serves two applications in one process, each for itself', async () => {
    const [one, two] = [
      await NestApp.start({ providers: [Gateway] }),
      await NestApp.start({ providers: [Gateway] }),
    ];
    const client = await one.connect();
    await two.stop();
    expect(await client.ask('x')).toEqual({ id: 1, data: 'y' });
    await one.stop();
  });
});

describe('GatewireAdapter', () => {
  it('says what to do when it is given an HTTP server', () => {
    expect(() => new GatewireAdapter(createServer())).toThrow('needs the application');
  });

  it('reads frames by a parser of the application', async () => {
    const parser = (data: Buffer | string) => {
      const [event, value] = data.toString().split(' ');
      return event === 'ignore' ? undefined : { event: event!, data: value };
    };
    @WebSocketGateway()
    class ParsedGateway {
      @SubscribeMessage('say')
      say(_: unknown, data: string) {
        return { said: data };
      }
    }
    for (const use of ['option', 'setter', 'module']) {
      const app = await NestApp.start({
        adapter: use !== 'module',
        providers: [ParsedGateway],
        options: use === 'setter' ? {} : { messageParser: parser },
        before: (nest) => {
          if (use !== 'setter') return;
          const adapter = new GatewireAdapter(nest);
          adapter.setMessageParser(parser);
          nest.useWebSocketAdapter(adapter);
        },
      });
      const client = await app.connect();
      client.send('ignore this');
      client.send('say hello');
      expect(await client.nextJson()).toEqual({ said: 'hello' });
      await app.stop();
    }
  });

  it('reaches the connections of all gateways by its server', async () => {
    let adapter!: GatewireAdapter;
    const app = await NestApp.start({
      adapter: true,
      providers: [Gateway],
      before: (nest) => nest.useWebSocketAdapter((adapter = new GatewireAdapter(nest))),
    });
    const client = await app.connect();
    adapter.server.emit('all', 1);
    expect(await client.nextJson()).toEqual({ event: 'all', data: 1 });
    await app.stop();
  });

  it('serves gateways with a namespace beside those without', async () => {
    @WebSocketGateway({ namespace: 'chat' })
    class First {
      @SubscribeMessage('x')
      x() {
        return 'first';
      }
    }
    @WebSocketGateway({ namespace: '/chat' })
    class Second {
      @SubscribeMessage('z')
      z() {
        return 'second';
      }
    }
    @WebSocketGateway({ namespace: 'news', path: '/live' })
    class Deep {
      @SubscribeMessage('x')
      x() {
        return 'deep';
      }
    }
    for (const adapter of [true, false]) {
      const app = await NestApp.start({ adapter, providers: [First, Gateway, Second, Deep] });
      const chat = await app.connect('/chat');
      expect([await chat.ask('x'), await chat.ask('z')]).toEqual([
        { id: 1, data: 'first' },
        { id: 1, data: 'second' },
      ]);
      expect(await (await app.connect()).ask('x')).toEqual({ id: 1, data: 'y' });
      expect(await (await app.connect('/live/news')).ask('x')).toEqual({ id: 1, data: 'deep' });
      expect(await app.handshakeStatus('/live')).toBe(404);
      await app.stop();
    }
  });
});
