import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type * as throttler from '@nestjs/throttler';
import { RateLimit } from '../../lib/nest/decorators/rate-limit.decorator.js';
import { ThrottlerCounterStore } from '../../lib/nest/throttler/throttler-counter-store.js';
import { requireWithEsm } from '../support/require-with-esm.js';
import type { TestClient } from '../support/test-client.js';
import { NestApp } from './nest-app.js';

const { Controller, Get } = common;
const { APP_GUARD } = core;
const { SkipThrottle, Throttle, ThrottlerGuard, ThrottlerModule, ThrottlerStorageService } = requireWithEsm(
  '@nestjs/throttler',
  { '@nestjs/common': common, '@nestjs/core': core },
) as typeof throttler;

let nest: NestApp;
afterEach(() => nest.stop());

const codes = async (client: TestClient, event: string, times: number) => {
  const seen: string[] = [];
  for (let i = 0; i < times; i++)
    seen.push(((await client.ask(event, 1, i)) as { error?: { code: string } }).error?.code ?? 'ok');
  return seen;
};

describe('ThrottlerGuard in gateways', () => {
  @WebSocketGateway()
  class Gateway {
    @SubscribeMessage('module')
    ofModule() {
      return 1;
    }

    @Throttle({ default: { limit: 1, ttl: 60_000 } })
    @SubscribeMessage('own')
    own() {
      return 1;
    }

    @SkipThrottle()
    @SubscribeMessage('free')
    free() {
      return 1;
    }
  }

  @Controller()
  class Http {
    @Get()
    get() {
      return 'http';
    }
  }

  const start = async (options: object = {}, guardConnections = false) => {
    nest = await NestApp.start({
      options: { guardConnections },
      imports: [ThrottlerModule.forRoot({ throttlers: [{ limit: 2, ttl: 60_000 }], ...options })],
      controllers: [Http],
      providers: [Gateway, { provide: APP_GUARD, useClass: RateLimit.fromThrottler(ThrottlerGuard) }],
    });
    return nest.connect();
  };

  it("honours the module's throttlers, @Throttle and @SkipThrottle, by address", async () => {
    const client = await start();
    expect(await codes(client, 'module', 3)).toEqual(['ok', 'ok', 'RATE_LIMITED']);
    expect(await codes(client, 'own', 2)).toEqual(['ok', 'RATE_LIMITED']);
    expect(await codes(client, 'free', 4)).toEqual(['ok', 'ok', 'ok', 'ok']);
    const another = await nest.connect();
    expect(await codes(another, 'own', 1)).toEqual(['RATE_LIMITED']);
  });

  it('says when to come back', async () => {
    const client = await start();
    await client.ask('own');
    expect(await client.ask('own')).toEqual({
      id: 1,
      error: { code: 'RATE_LIMITED', message: 'too many messages', details: { retryAfterMs: 60_000 } },
    });
  });

  it('leaves HTTP as it is', async () => {
    await start();
    const get = async () => (await fetch(nest.url.replace('ws', 'http'))).status;
    expect([await get(), await get(), await get()]).toEqual([200, 200, 429]);
  });

  it('gives trackers and skipIf of the application the connection', async () => {
    let isSkipped = false;
    const client = await start({
      getTracker: (req: Record<string, any>) => req['connection'].id as string,
      skipIf: () => isSkipped,
    });
    const another = await nest.connect();
    expect(await codes(client, 'own', 2)).toEqual(['ok', 'RATE_LIMITED']);
    expect(await codes(another, 'own', 1)).toEqual(['ok']);
    isSkipped = true;
    expect(await codes(client, 'own', 2)).toEqual(['ok', 'ok']);
  });

  it('counts connections where guards are asked at connect, and refuses them with 429', async () => {
    await start({}, true);
    await nest.connect();
    expect([await nest.handshakeStatus(), await nest.handshakeStatus()]).toEqual([429, 429]);
  });

  it('passes over user agents that are to be ignored', async () => {
    await start({ ignoreUserAgents: [/monitor/] });
    const monitor = await nest.connect('/', [], { headers: { 'user-agent': 'monitor 1' } });
    expect(await codes(monitor, 'own', 3)).toEqual(['ok', 'ok', 'ok']);
  });
});

describe('a ThrottlerStorage as the store of a rate limit', () => {
  it('counts messages there', async () => {
    @WebSocketGateway()
    class Gateway {
      @SubscribeMessage('echo')
      echo() {
        return 1;
      }
    }
    const store = new ThrottlerStorageService();
    nest = await NestApp.start({
      options: {
        middleware: [RateLimit.of({ messages: 2, perMs: 60_000, by: 'address', store, name: 'all' })],
      },
      providers: [Gateway],
    });
    const client = await nest.connect();
    expect(await codes(client, 'echo', 2)).toEqual(['ok', 'ok']);
    expect(await client.ask('echo')).toMatchObject({
      error: { code: 'RATE_LIMITED', details: { retryAfterMs: 60_000 } },
    });
    expect([...store.storage.keys()]).toEqual(['allm:a:127.0.0.1']);
    store.onApplicationShutdown();
  });

  it('cannot count bytes or fill buckets', async () => {
    nest = await NestApp.start({});
    const store = new ThrottlerCounterStore(new ThrottlerStorageService());
    const rule = { algorithm: 'sliding-window', perMs: 1, messages: 1, bytes: Infinity } as const;
    const bursts = { burstMessages: 1, burstBytes: Infinity };
    expect(() => store.check({ ...rule, ...bursts })).not.toThrow();
    expect(() => store.check({ ...rule, ...bursts, bytes: 5 })).toThrow('bytes');
    expect(() => store.check({ ...rule, ...bursts, algorithm: 'token-bucket' })).toThrow('algorithm');
  });
});

describe('@RateLimit', () => {
  it('counts all handlers of a class together, and those of a method for themselves', async () => {
    @RateLimit({ messages: 3, perMs: 60_000 })
    @WebSocketGateway()
    class Gateway {
      @SubscribeMessage('a')
      a() {
        return 1;
      }

      @RateLimit({ messages: 1, perMs: 60_000 })
      @SubscribeMessage('b')
      b() {
        return 1;
      }
    }
    nest = await NestApp.start({ providers: [Gateway] });
    const client = await nest.connect();
    expect(await codes(client, 'b', 2)).toEqual(['ok', 'RATE_LIMITED']);
    expect(await codes(client, 'a', 2)).toEqual(['ok', 'RATE_LIMITED']);
  });

  it('refuses options that cannot work at start-up', async () => {
    nest = await NestApp.start({});
    @WebSocketGateway()
    class Gateway {
      @RateLimit({ perMs: 60_000 })
      @SubscribeMessage('a')
      a() {}
    }
    await expect(NestApp.start({ providers: [Gateway] })).rejects.toThrow('messages');
  });
});
