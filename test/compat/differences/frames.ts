import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Stage } from '../oracle/stage.js';
import { type Difference, refused } from './difference.js';

const longName = 'x'.repeat(129);

@WebSocketGateway()
class FramesGateway {
  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    return { event: 'echoed', data };
  }

  @SubscribeMessage(longName)
  long(): string {
    return 'long';
  }

  @SubscribeMessage('order.*')
  order(@MessageBody() data: unknown): unknown {
    return { event: 'pattern', data };
  }

  @SubscribeMessage('length')
  length(@MessageBody() data: string): number {
    return data.length;
  }
}

const scenario = (...frames: unknown[]): Difference['scenario'] => ({
  module: { providers: [FramesGateway] },
  play: async (stage: Stage) => (await stage.connect()).exchange(...frames),
});

const clients = (...lines: string[]): Difference['gatewire'] => ({
  clients: [['open ', ...lines]],
  calls: [],
});
const closed = 'close 1000 ';
const nested = (depth: number): string =>
  `{"event":"length","data":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

export const frameDifferences: Difference[] = [
  {
    row: 'Bad JSON',
    scenario: scenario('not json', '{"event":', { event: 'echo', data: 1 }),
    platformWs: clients('text {"event":"echoed","data":1}', closed),
    gatewire: clients(refused('BAD_JSON'), refused('BAD_JSON'), 'text {"event":"echoed","data":1}', closed),
  },
  {
    row: 'JSON that is no message',
    scenario: scenario('null', '5', '"text"', '{"data":1}', '{"event":5}', { event: 'echo', data: 1 }),
    platformWs: clients('text {"event":"echoed","data":1}', closed),
    gatewire: clients(
      ...Array<string>(5).fill(refused('BAD_ENVELOPE')),
      'text {"event":"echoed","data":1}',
      closed,
    ),
  },
  {
    row: 'A `messageParser` that throws, or returns no message',
    scenario: {
      ...scenario('throw', 'number', { event: 'echo', data: 1 }),
      messageParser: (data) => {
        if (data === 'throw') throw new Error('the parser fails');
        if (data === 'number') return { event: 5 as never, data: null };
        return JSON.parse(String(data)) as { event: string; data: unknown };
      },
    },
    platformWs: clients('text {"event":"echoed","data":1}', closed),
    gatewire: clients(
      refused('INTERNAL'),
      refused('BAD_ENVELOPE'),
      'text {"event":"echoed","data":1}',
      closed,
    ),
  },
  {
    row: 'Unknown events',
    scenario: scenario(
      { event: 'nobody' },
      { event: 'constructor' },
      { event: '__proto__' },
      { event: 'echo', data: 1 },
    ),
    platformWs: clients('text {"event":"echoed","data":1}', closed),
    gatewire: clients(
      ...Array<string>(3).fill(refused('UNKNOWN_EVENT')),
      'text {"event":"echoed","data":1}',
      closed,
    ),
  },
  {
    row: 'Binary frames that are not JSON',
    scenario: scenario(Buffer.from([0, 0, 0, 200, 1, 2]), Buffer.from([]), { event: 'echo', data: 1 }),
    platformWs: clients('text {"event":"echoed","data":1}', closed),
    gatewire: clients(
      refused('UNDECODABLE'),
      refused('UNDECODABLE'),
      'text {"event":"echoed","data":1}',
      closed,
    ),
  },
  {
    row: 'Messages with an `id`',
    scenario: scenario({ event: 'echo', data: 1, id: 7 }, { event: 'length', data: 'four', id: 'a' }),
    platformWs: clients('text {"event":"echoed","data":1}', 'text 4', closed),
    gatewire: clients('text {"id":7,"event":"echoed","data":1}', 'text {"id":"a","data":4}', closed),
  },
  {
    row: 'Batches',
    scenario: scenario('[{"event":"echo","data":1},{"event":"echo","data":2}]'),
    platformWs: clients(closed),
    gatewire: clients('text {"event":"echoed","data":1}', 'text {"event":"echoed","data":2}', closed),
  },
  {
    row: 'Reserved events',
    scenario: scenario({ event: '$ping' }),
    platformWs: clients(closed),
    gatewire: clients('text {"event":"$pong"}', closed),
  },
  {
    row: 'Event patterns',
    scenario: scenario({ event: 'order.made', data: 1 }),
    platformWs: clients(closed),
    gatewire: clients('text {"event":"pattern","data":1}', closed),
  },
  {
    row: 'Event names longer than 128',
    scenario: scenario({ event: longName }),
    platformWs: clients('text "long"', closed),
    gatewire: clients(refused('BAD_ENVELOPE'), closed),
  },
  {
    row: 'JSON nested deeper than 64',
    scenario: scenario(nested(64), nested(65)),
    platformWs: clients('text 1', 'text 1', closed),
    gatewire: clients('text 1', refused('TOO_DEEP'), closed),
  },
];
