import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  BinaryMessageFilter,
  EventVersions,
  MapMessages,
  MessageFilter,
  TextMessageFilter,
} from '../../lib/index.js';
import { NestApp } from './nest-app.js';

@MessageFilter(({ data }) => (data === 'out' ? { reject: 'OUT' } : 'pass'))
@WebSocketGateway()
class Chat {
  @TextMessageFilter({ contains: 'darn', outcome: { replace: '****' } })
  @MapMessages({
    inbound: { say: (text: string) => text.trim() },
    outbound: { say: (text: string) => `<${text}>` },
  })
  @SubscribeMessage('say')
  say(@MessageBody() text: string) {
    return text;
  }

  @BinaryMessageFilter({ maxBytes: 2 })
  @SubscribeMessage('bytes')
  bytes() {
    return 'taken';
  }

  @SubscribeMessage('free')
  free(@MessageBody() text: string) {
    return text;
  }
}

@WebSocketGateway()
class Orders {
  @SubscribeMessage('order.v2')
  order(@MessageBody() data: unknown) {
    return { event: 'order.v2', data };
  }
}

describe('filters and transformation as decorators', () => {
  let app: NestApp;
  afterEach(() => app.stop());

  it('hold for their handler, or all of their gateway, and for nothing else', async () => {
    app = await NestApp.start({ providers: [Chat] });
    const client = await app.connect();
    expect(await client.ask('say', '  Darn it ')).toEqual({ id: 1, data: '<**** it>' });
    expect(await client.ask('say', 'out')).toMatchObject({ error: { code: 'OUT' } });
    expect(await client.ask('free', 'out')).toMatchObject({ error: { code: 'OUT' } });
    expect(await client.ask('free', ' darn')).toEqual({ id: 1, data: ' darn' });
    const head = Buffer.from('{"event":"bytes","id":1}');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(head.length);
    client.send(Buffer.concat([length, head, Buffer.alloc(2)]));
    expect(await client.nextJson()).toEqual({ id: 1, data: 'taken' });
    client.send(Buffer.concat([length, head, Buffer.alloc(3)]));
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'FILTERED' } });
  });

  it('choose a handler from the module’s list', async () => {
    const order = {
      current: 2,
      up: { 1: (sum: number) => ({ sum }) },
      down: { 2: ({ sum }: { sum: number }) => sum },
    };
    const legacy = MessageFilter.of(({ event }) => (event === 'buy' ? { route: 'order.v1' } : 'pass'));
    app = await NestApp.start({
      providers: [Orders],
      options: { middleware: [legacy, EventVersions.of({ order }, { naming: 'suffix' })] },
    });
    const client = await app.connect();
    for (const event of ['order.v1', 'buy'])
      expect(await client.ask(event, 5)).toEqual({ id: 1, event: 'order.v1', data: 5 });
    // Spelled as it was asked.
    expect(await client.ask('order', { sum: 5 })).toEqual({ id: 1, event: 'order', data: { sum: 5 } });
    expect(await client.ask('order.v3', 5)).toEqual({
      id: 1,
      error: {
        code: 'BAD_REQUEST',
        message: 'this version of "order" is not supported',
        details: { supported: [1, 2] },
      },
    });
  });

  it('refuse options that cannot work when the application starts', async () => {
    const start = (middleware: any) =>
      NestApp.start({ providers: [Orders], options: { middleware: [middleware] } });
    await expect(start(TextMessageFilter.of({}))).rejects.toThrow('something to look for');
    app = await start(TextMessageFilter.of({ contains: 'x' }));
  });
});
