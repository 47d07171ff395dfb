import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Difference } from './difference.js';

const mebibyte = 1_048_576;

@WebSocketGateway()
class BoundsGateway {
  readonly #waiting: (() => void)[] = [];
  #isReleased = false;

  constructor(private readonly log: CallLog) {}

  @SubscribeMessage('length')
  length(@MessageBody() data: string): number {
    return data.length;
  }

  @SubscribeMessage('wait')
  async wait(): Promise<void> {
    this.log.note('wait');
    if (!this.#isReleased) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  @SubscribeMessage('release')
  release(): void {
    this.log.note('release');
    this.#isReleased = true;
    for (const resolve of this.#waiting) resolve();
  }

  @SubscribeMessage('flood')
  async flood(client: { send(data: Buffer): void; readyState: number }): Promise<void> {
    const chunk = Buffer.alloc(mebibyte / 4);
    // Far more than the buffers of the operating system on both sides take.
    for (let sent = 0; sent < 64 && client.readyState === 1; sent++) {
      client.send(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.log.note('flooded', client.readyState === 1 ? 'open' : 'closed');
  }
}

const sized = (bytes: number): string => `{"event":"length","data":"${'x'.repeat(bytes - 28)}"}`;
const waits = (count: number): string[] => Array<string>(count).fill('wait()');

export const boundDifferences: Difference[] = [
  {
    row: 'Messages longer than 1 MiB',
    scenario: {
      module: { providers: [BoundsGateway] },
      play: async (stage) => {
        const client = await stage.connect();
        client.send(sized(mebibyte));
        await client.receives(1);
        client.send(sized(mebibyte + 1));
        await client.receives(2);
      },
    },
    platformWs: {
      clients: [['open ', `text ${mebibyte - 28}`, `text ${mebibyte - 27}`, 'close 1000 ']],
      calls: [],
    },
    gatewire: { clients: [['open ', `text ${mebibyte - 28}`, 'close 1009 ']], calls: [] },
  },
  {
    row: 'More than 32 handlers of one connection at once',
    scenario: {
      module: { providers: [BoundsGateway] },
      play: async (stage) => {
        const [client, other] = [await stage.connect(), await stage.connect()];
        for (let index = 0; index < 33; index++) client.send({ event: 'wait' });
        await client.settle();
        await other.exchange({ event: 'release' });
        await stage.log.noted('wait', 33);
      },
    },
    platformWs: {
      clients: [
        ['open ', 'close 1000 '],
        ['open ', 'close 1000 '],
      ],
      calls: [...waits(33), 'release()'],
    },
    gatewire: {
      clients: [
        ['open ', 'close 1000 '],
        ['open ', 'close 1000 '],
      ],
      calls: [...waits(32), 'release()', 'wait()'],
    },
  },
  {
    row: 'Clients that read too slowly',
    scenario: {
      module: { providers: [BoundsGateway] },
      play: async (stage) => {
        const client = await stage.connect();
        client.send({ event: 'flood' });
        client.socket.pause();
        await stage.log.noted('flooded');
        client.socket.terminate();
      },
    },
    platformWs: { clients: [['open ', 'close 1006 ']], calls: ['flooded("open")'] },
    gatewire: { clients: [['open ', 'close 1006 ']], calls: ['flooded("closed")'] },
  },
  {
    row: 'Clients that are gone without a word',
    options: { heartbeat: { intervalMs: 20, timeoutMs: 20 } },
    scenario: {
      module: { providers: [BoundsGateway] },
      play: async (stage) => {
        const client = await stage.connect('/', { isSilent: true });
        await Promise.race([client.closed(), new Promise((resolve) => setTimeout(resolve, 99))]);
      },
    },
    platformWs: { clients: [['open ', 'close 1000 ']], calls: [] },
    gatewire: { clients: [['open ', 'ping ', 'close 1006 ']], calls: [] },
  },
];
