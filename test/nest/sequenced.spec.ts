import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Sequenced } from '../../lib/nest/decorators/sequenced.decorator.js';
import { NestApp } from './nest-app.js';

let log: string[] = [];

@Sequenced({ window: 8 })
@WebSocketGateway({ path: '/draw' })
class DrawGateway {
  @SubscribeMessage('line')
  line(@MessageBody() name: string) {
    log.push(`line ${name}`);
  }

  @SubscribeMessage('dot')
  dot(@MessageBody() name: string) {
    log.push(`dot ${name}`);
  }

  @Sequenced()
  @SubscribeMessage('own')
  own(@MessageBody() name: string) {
    log.push(`own ${name}`);
  }
}

@Sequenced()
class Numbered {}

@WebSocketGateway({ path: '/two' })
class InkGateway extends Numbered {
  @SubscribeMessage('ink')
  ink() {
    return 'ink';
  }
}

@WebSocketGateway({ path: '/two' })
class PaintGateway extends Numbered {
  @SubscribeMessage('paint')
  paint() {
    return 'paint';
  }
}

describe('@Sequenced', () => {
  let app: NestApp;
  beforeEach(() => (log = []));
  afterEach(() => app.stop());

  const message = (event: string, data: string, seq: number): object => ({
    event,
    data,
    id: `${event}${seq}`,
    meta: { seq },
  });

  it('on a class is one order for its handlers, and on a method one of its own', async () => {
    app = await NestApp.start({ providers: [DrawGateway] });
    const client = await app.connect('/draw');
    for (const one of [message('dot', 'b', 2), message('own', 'x', 1), message('line', 'a', 1)])
      client.send(one);
    const ids = [await client.nextJson(), await client.nextJson(), await client.nextJson()].map(
      ({ id }) => id,
    );
    expect(ids).toEqual(['own1', 'line1', 'dot2']);
    expect(log).toEqual(['own x', 'line a', 'dot b']);
  });

  it('on a parent gives each subclass numbers of its own', async () => {
    app = await NestApp.start({ providers: [InkGateway, PaintGateway] });
    const client = await app.connect('/two');
    client.send(message('ink', 'a', 1));
    client.send(message('paint', 'b', 1));
    expect(await client.nextJson()).toMatchObject({ id: 'ink1', data: 'ink' });
    expect(await client.nextJson()).toMatchObject({ id: 'paint1', data: 'paint' });
  });

  it.each([
    [{ window: 0 }, 'window'],
    [{ window: 65_537 }, 'window'],
    [{ windowBytes: 0 }, 'windowBytes'],
    [{ gapMs: 0 }, 'gapMs'],
    [{ gapMs: 2 ** 31 }, 'gapMs'],
    [{ streams: 0 }, 'streams'],
  ])('refuses %j', (options, name) => {
    app = { stop: () => Promise.resolve() } as NestApp;
    expect(() => Sequenced(options)).toThrow(name);
  });
});
