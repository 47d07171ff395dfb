import { UseGuards } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import { freePort } from '../../support/free-port.js';
import type { Difference } from './difference.js';

class NamedGateway {
  @SubscribeMessage('who')
  who(): string {
    return this.constructor.name;
  }
}

@WebSocketGateway()
class RootGateway extends NamedGateway {}

@WebSocketGateway({ path: '/rooms/:id' })
class RoomGateway extends NamedGateway {}

@WebSocketGateway({ path: '/' })
class RootPathGateway extends NamedGateway {}

@WebSocketGateway({ namespace: 'chat' })
class NamespaceGateway extends NamedGateway {}

@WebSocketGateway()
class ThrowingConnectGateway extends NamedGateway {
  handleConnection(): void {
    throw new WsException('Unauthorized');
  }
}

@WebSocketGateway()
class SlowConnectGateway {
  #greeted!: () => void;
  readonly #greeting = new Promise<void>((resolve) => (this.#greeted = resolve));

  constructor(private readonly log: CallLog) {}

  async handleConnection(): Promise<void> {
    this.log.note('connecting');
    await Promise.race([this.#greeting, new Promise((resolve) => setTimeout(resolve, 99))]);
    this.log.note('connected');
  }

  @SubscribeMessage('hello')
  hello(): string {
    this.log.note('hello');
    this.#greeted();
    return 'hello';
  }
}

@WebSocketGateway()
class GuardedConnectGateway {
  constructor(private readonly log: CallLog) {}

  @UseGuards({ canActivate: () => false })
  handleConnection(): void {
    this.log.note('handleConnection');
  }
}

const ownPort = await freePort();

@WebSocketGateway(ownPort, { path: '/own' })
class OwnPortGateway extends NamedGateway {}

const open = ['open ', 'close 1000 '];
const gone = ['close 1006 '];
const refusedWith = (status: number): string[] => [`refused ${status}`, 'close 1006 '];

export const connectDifferences: Difference[] = [
  {
    row: 'Pages of other origins',
    scenario: {
      module: { providers: [RootGateway] },
      play: async (stage) => {
        await stage.connect('/', { headers: { origin: 'https://evil.example' } });
        await stage.connect('/', { headers: { origin: `http://127.0.0.1:${stage.port}` } });
        await stage.connect();
      },
    },
    platformWs: { clients: [open, open, open], calls: [] },
    gatewire: { clients: [refusedWith(403), open, open], calls: [] },
  },
  {
    row: 'Unknown paths',
    scenario: {
      module: { providers: [RootGateway] },
      play: async (stage) => void (await stage.connect('/nobody')),
    },
    platformWs: { clients: [gone], calls: [] },
    gatewire: { clients: [refusedWith(404)], calls: [] },
  },
  {
    row: 'Path parameters',
    scenario: {
      module: { providers: [RoomGateway] },
      play: async (stage) => {
        const client = await stage.connect('/rooms/7');
        if (client.isOpen) await client.exchange({ event: 'who' });
      },
    },
    platformWs: { clients: [gone], calls: [] },
    gatewire: { clients: [['open ', 'text "RoomGateway"', 'close 1000 ']], calls: [] },
  },
  {
    row: 'Two spellings of one path',
    isKept: true,
    scenario: {
      // Nest 12 connects the very first gateway last; another one there makes the order that of both versions.
      module: { providers: [RoomGateway, RootGateway, RootPathGateway] },
      play: async (stage) => (await stage.connect()).exchange({ event: 'who' }),
    },
    platformWs: { clients: [['open ', 'text "RootGateway"', 'close 1000 ']], calls: [] },
    gatewire: {
      clients: [['open ', 'text "RootGateway"', 'text "RootPathGateway"', 'close 1000 ']],
      calls: [],
    },
  },
  {
    row: 'Namespaces',
    scenario: {
      module: { providers: [NamespaceGateway] },
      mayNotStart: true,
      play: async (stage) => (await stage.connect('/chat')).exchange({ event: 'who' }),
    },
    platformWs: { clients: [], calls: ['does not start'] },
    gatewire: { clients: [['open ', 'text "NamespaceGateway"', 'close 1000 ']], calls: [] },
  },
  {
    row: 'A `handleConnection` that throws',
    scenario: {
      module: { providers: [ThrowingConnectGateway] },
      play: async (stage) => {
        const client = await stage.connect();
        await client.exchange({ event: 'who' });
      },
    },
    platformWs: { clients: [['open ', 'text "ThrowingConnectGateway"', 'close 1000 ']], calls: [] },
    gatewire: {
      clients: [
        [
          'open ',
          'text {"event":"exception","data":{"status":"error","message":"Unauthorized","cause":{"pattern":"handleConnection"}}}',
          'close 4400 …',
        ],
      ],
      calls: [],
    },
  },
  {
    row: 'An asynchronous `handleConnection`',
    scenario: {
      module: { providers: [SlowConnectGateway] },
      play: async (stage) => {
        const client = await stage.connect();
        client.send({ event: 'hello' });
        await client.receives(1);
        await stage.log.noted('connected');
      },
    },
    platformWs: {
      clients: [['open ', 'text "hello"', 'close 1000 ']],
      calls: ['connecting()', 'hello()', 'connected()'],
    },
    gatewire: {
      clients: [['open ', 'text "hello"', 'close 1000 ']],
      calls: ['connecting()', 'connected()', 'hello()'],
    },
  },
  {
    row: 'A `handleConnection` that takes too long',
    options: { timeouts: { connectMs: 5 } },
    scenario: {
      module: { providers: [SlowConnectGateway] },
      play: async (stage) => {
        const client = await stage.connect();
        client.send({ event: 'hello' });
        await stage.log.noted('connected');
        await client.receives(1);
      },
    },
    platformWs: {
      clients: [['open ', 'text "hello"', 'close 1000 ']],
      calls: ['connecting()', 'hello()', 'connected()'],
    },
    gatewire: { clients: [['open ', 'close 4408 …']], calls: ['connecting()', 'connected()'] },
  },
  {
    row: 'Guards on `handleConnection`',
    scenario: {
      module: { providers: [GuardedConnectGateway] },
      play: async (stage) => void (await stage.connect()),
    },
    platformWs: { clients: [open], calls: ['handleConnection()'] },
    gatewire: { clients: [refusedWith(403)], calls: [] },
  },
  {
    row: 'Subprotocols that start with `gatewire.`',
    scenario: {
      module: { providers: [RootGateway] },
      play: async (stage) => {
        await stage.connect('/', { protocols: ['gatewire.bearer.dG9rZW4', 'gatewire.v1.json'] });
        await stage.connect('/', { protocols: ['gatewire.bearer.dG9rZW4'] });
      },
    },
    platformWs: {
      clients: [
        ['open gatewire.bearer.dG9rZW4', 'close 1000 '],
        ['open gatewire.bearer.dG9rZW4', 'close 1000 '],
      ],
      calls: [],
    },
    gatewire: { clients: [['open gatewire.v1.json', 'close 1000 '], refusedWith(400)], calls: [] },
  },
  {
    row: 'HTTP on a gateway’s own port',
    scenario: {
      module: { providers: [OwnPortGateway] },
      play: async (stage) => {
        const answer = fetch(`http://127.0.0.1:${ownPort}/own`, { signal: AbortSignal.timeout(90) });
        stage.log.note(
          'status',
          await answer.then(
            ({ status }) => status,
            () => 'none',
          ),
        );
      },
    },
    platformWs: { clients: [], calls: ['status("none")'] },
    gatewire: { clients: [], calls: ['status(426)'] },
  },
];
