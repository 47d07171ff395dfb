import { jest } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ConsoleLogger, Injectable, type LoggerService } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { Logger as PinoLogger, LoggerModule } from 'nestjs-pino';
import { of } from 'rxjs';
import {
  type AuditRecord,
  type Connection,
  type GatewayMiddleware,
  type GatewireOptions,
  type Handshake,
  type InboundMessage,
  MessageLog,
  type Next,
} from '../../lib/index.js';
import { NestApp } from './nest-app.js';

const tenant = new AsyncLocalStorage<string>();

type Line = [level: string, record: Record<string, unknown>, context: unknown];

/** Keeps what is written, with what the async context says at that moment. */
class KeptLines implements LoggerService {
  readonly lines: Line[] = [];
  readonly tenants: (string | undefined)[] = [];
  log = (...line: unknown[]): void => this.#keep('log', line);
  warn = (...line: unknown[]): void => this.#keep('warn', line);
  error = (...line: unknown[]): void => this.#keep('error', line);

  /** Records of the message log, without those of other sources. */
  records(type?: string): Record<string, unknown>[] {
    return this.lines
      .map(([, record]) => record)
      .filter((record) => type === undefined || record['type'] === type);
  }

  #keep(level: string, line: unknown[]): void {
    if (line.at(-1) !== 'MessageLog') return;
    this.lines.push([level, line[0] as Record<string, unknown>, line.at(-1)]);
    this.tenants.push(tenant.getStore());
  }
}

@WebSocketGateway()
class Orders {
  @SubscribeMessage('order')
  order(@MessageBody() data: unknown) {
    return { got: data };
  }

  @SubscribeMessage('bad')
  bad() {
    throw new WsException('secret');
  }

  @SubscribeMessage('broken')
  broken() {
    throw new Error('secret');
  }

  @SubscribeMessage('list')
  list() {
    return of(1, 2);
  }

  @MessageLog({ payload: true, redact: ['data.password'], connections: false })
  @SubscribeMessage('login')
  login(connection: Connection) {
    connection.principal = { id: 'u1' };
    connection.emit('welcome', 'secret');
  }
}

@Injectable()
class Tenants implements GatewayMiddleware {
  inbound(_: InboundMessage, next: Next) {
    return tenant.run('acme', next);
  }
}

@Injectable()
class NotOnSunday implements GatewayMiddleware {
  handshake(handshake: Handshake, next: Next) {
    if (handshake.query.has('sunday')) throw new WsException('closed');
    return next();
  }
}

describe('MessageLog', () => {
  let app: NestApp | undefined;
  const logger = (): KeptLines => kept;
  let kept: KeptLines;
  const start = async (options: GatewireOptions, given: unknown = (kept = new KeptLines())) => {
    app = await NestApp.start({ providers: [Orders, Tenants, NotOnSunday], options, logger: given });
    return app.connect();
  };
  /** The last line comes after the close frame. */
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) await delay(1);
  };
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  it('writes structured lines through Nest’s logger: connections, messages, outcomes, ends', async () => {
    const client = await start({ middleware: [MessageLog.of()] });
    await client.ask('order', { note: 'secret' });
    await client.ask('bad', 'secret', 2);
    await client.ask('broken', 'secret', 3);
    client.send({ event: 'list', id: 4 });
    while ((await client.nextJson())['done'] !== true);
    await client.ask('nobody', 'secret', 5);
    client.close(1000, 'secret');
    await until(() => logger().records('disconnect').length === 1);
    const [connect, ...others] = logger().lines;
    const { connectionId } = connect?.[1] as { connectionId: string };
    expect(connect).toEqual([
      'log',
      {
        type: 'connect',
        endpoint: '/',
        connectionId: expect.stringMatching(/^[\w-]{16,}$/),
        address: '127.0.0.1',
        durationMs: expect.any(Number),
        outcome: 'accepted',
      },
      'MessageLog',
    ]);
    const inbound = { type: 'inbound', endpoint: '/', connectionId, durationMs: expect.any(Number) };
    expect(others.slice(0, -1).map(([level, record]) => [level, record])).toEqual([
      ['log', { ...inbound, event: 'order', messageId: 1, bytes: 49, outcome: 'value' }],
      ['warn', { ...inbound, event: 'bad', messageId: 2, bytes: 38, outcome: 'error', code: 'BAD_REQUEST' }],
      ['error', { ...inbound, event: 'broken', messageId: 3, bytes: 41, outcome: 'error', code: 'INTERNAL' }],
      ['log', { ...inbound, event: 'list', messageId: 4, bytes: 23, outcome: 'stream' }],
      [
        'warn',
        { ...inbound, event: 'nobody', messageId: 5, bytes: 41, outcome: 'error', code: 'UNKNOWN_EVENT' },
      ],
    ]);
    expect(others.at(-1)?.[1]).toEqual({
      type: 'disconnect',
      endpoint: '/',
      connectionId,
      address: '127.0.0.1',
      closeCode: 1000,
      by: 'peer',
      wasClean: true,
      durationMs: expect.any(Number),
    });
    expect(JSON.stringify(logger().lines)).not.toContain('secret');
  });

  it('writes a line for a handshake that stages behind it refuse', async () => {
    await start({ middleware: [MessageLog.of(), NotOnSunday] });
    await app?.handshakeStatus('/?sunday=secret');
    expect(logger().lines.at(-1)).toMatchObject([
      'warn',
      { type: 'connect', endpoint: '/', outcome: 'refused', code: 'BAD_REQUEST' },
      'MessageLog',
    ]);
    expect(JSON.stringify(logger().lines)).not.toContain('secret');
  });

  it('stands on a handler, too: with its own options, for that one only', async () => {
    const client = await start({});
    await client.ask('order');
    client.send({ event: 'login', data: { user: 'u', password: 'secret' } });
    expect(await client.nextJson()).toEqual({ event: 'welcome', data: 'secret' });
    expect(logger().records()).toMatchObject([
      { type: 'inbound', event: 'login', userId: 'u1', data: { user: 'u', password: '[redacted]' } },
    ]);
  });

  it('writes what goes out: once per emit, or with its bytes when it is encoded', async () => {
    const client = await start({ middleware: [MessageLog.of({ direction: 'outbound' })] });
    client.send({ event: 'login' });
    await client.nextJson();
    expect(logger().records('outbound')).toMatchObject([
      { event: 'welcome', target: 'connection', userId: 'u1', outcome: 'sent' },
    ]);
    expect(logger().records('outbound')[0]).not.toHaveProperty('bytes');
    await app?.stop();
    const sized = await start({
      middleware: [MessageLog.of({ direction: 'outbound', outboundBytes: true })],
    });
    sized.send({ event: 'login' });
    const frame = await sized.next();
    await sized.ask('order');
    expect(logger().records('outbound')).toMatchObject([
      { event: 'welcome', outcome: 'sent', bytes: frame.length },
    ]);
  });

  it('writes in the context of the message, so that fields of CLS are there', async () => {
    const client = await start({ middleware: [Tenants, MessageLog.of({ connections: false })] });
    await client.ask('order');
    expect(logger().tenants).toEqual(['acme']);
  });

  it.each<[string, unknown]>([
    ['logger: false', false],
    ['levels that leave it out', new ConsoleLogger({ logLevels: ['fatal'] })],
  ])('writes nothing with %s', async (_name, given) => {
    const written = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      const client = await start({ middleware: [MessageLog.of()] }, given);
      expect(await client.ask('order', 1)).toEqual({ id: 1, data: { got: 1 } });
      expect(written.mock.calls.join()).not.toContain('order');
    } finally {
      written.mockRestore();
    }
  });

  it('has its records as fields in nestjs-pino', async () => {
    const lines: Record<string, unknown>[] = [];
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        for (const line of chunk.toString().trim().split('\n'))
          lines.push(JSON.parse(line) as (typeof lines)[0]);
        done();
      },
    });
    app = await NestApp.start({
      imports: [LoggerModule.forRoot({ pinoHttp: [{ level: 'info' }, stream] })],
      providers: [Orders],
      options: { middleware: [MessageLog.of()] },
      before: (nest) => nest.useLogger(nest.get(PinoLogger)),
    });
    const client = await app.connect();
    await client.ask('order', 'secret');
    await client.ask('bad', 'secret', 2);
    expect(lines.filter(({ context }) => context === 'MessageLog')).toMatchObject([
      { level: 30, type: 'connect', outcome: 'accepted' },
      {
        level: 30,
        type: 'inbound',
        event: 'order',
        messageId: 1,
        outcome: 'value',
        time: expect.any(Number),
      },
      { level: 40, type: 'inbound', event: 'bad', messageId: 2, outcome: 'error', code: 'BAD_REQUEST' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('"secret"');
  });

  it('gives an audit sink everything, and a shutdown waits until it is written', async () => {
    const written: AuditRecord[] = [];
    const audit = {
      write: async (record: AuditRecord) => {
        await delay(5);
        written.push(record);
      },
    };
    const client = await start(
      { middleware: [MessageLog.of({ audit, sample: 0, direction: 'inbound' })] },
      false,
    );
    for (let id = 1; id <= 5; id++) client.send({ event: 'order', id });
    for (let id = 1; id <= 5; id++) await client.nextJson();
    await app?.stop();
    expect(written.map(({ type }) => type)).toEqual([
      'connect',
      ...Array<string>(5).fill('inbound'),
      'disconnect',
    ]);
    expect(written.at(-1)).toMatchObject({ at: expect.any(Number), closeCode: expect.any(Number) });
    app = undefined;
  });
});
