import { type ArgumentsHost, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import type { Difference } from './difference.js';

@Catch()
class ThrowingFilter implements ExceptionFilter {
  catch(_exception: unknown, _host: ArgumentsHost): void {
    throw new Error('the filter fails too');
  }
}

@WebSocketGateway()
class AnswersGateway {
  @SubscribeMessage('bytes')
  bytes(): Buffer {
    return Buffer.from('abc');
  }

  @SubscribeMessage('bytes in data')
  bytesInData(): unknown {
    return { event: 'file', data: Buffer.from('abc') };
  }

  @SubscribeMessage('iterable')
  async *iterable(): AsyncGenerator<number> {
    yield* [1, 2];
  }

  @SubscribeMessage('big')
  big(): unknown {
    return { big: 1n };
  }

  @UseFilters(ThrowingFilter)
  @SubscribeMessage('filter')
  filter(): never {
    throw new WsException('to the filter');
  }

  @SubscribeMessage('emit')
  emit(client: { emit(event: string, data: unknown): boolean }): void {
    client.emit('news', { a: 1 });
  }
}

const ask = (event: string): Difference['scenario'] => ({
  module: { providers: [AnswersGateway] },
  play: async (stage) => (await stage.connect()).exchange({ event, data: 'd' }),
});
const clients = (...lines: string[]): Difference['gatewire'] => ({
  clients: [['open ', ...lines, 'close 1000 ']],
  calls: [],
});

/** The layout of PROTOCOL.md: length of the header, header, raw bytes. */
function binary(header: string, bytes: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return `binary ${Buffer.concat([length, Buffer.from(header), Buffer.from(bytes)]).toString('hex')}`;
}

export const answerDifferences: Difference[] = [
  {
    row: 'Bytes that a handler returns',
    scenario: ask('bytes'),
    platformWs: clients('text {"type":"Buffer","data":[97,98,99]}'),
    gatewire: clients(binary('{"event":"bytes"}', 'abc')),
  },
  {
    row: 'Bytes in the `data` that a handler returns',
    scenario: ask('bytes in data'),
    platformWs: clients('text {"event":"file","data":{"type":"Buffer","data":[97,98,99]}}'),
    gatewire: clients(binary('{"event":"file"}', 'abc')),
  },
  {
    row: 'Async iterables',
    scenario: ask('iterable'),
    platformWs: clients('text {}'),
    gatewire: clients('text 1', 'text 2'),
  },
  {
    row: 'Values that JSON cannot carry',
    scenario: ask('big'),
    platformWs: clients(),
    gatewire: clients(
      'text {"event":"exception","data":{"status":"error","message":"Internal server error","cause":{"pattern":"big","data":"d"}}}',
    ),
  },
  {
    row: 'A filter that throws',
    scenario: ask('filter'),
    platformWs: clients(),
    gatewire: clients(
      'text {"event":"exception","data":{"status":"error","message":"to the filter","cause":{"pattern":"filter","data":"d"}}}',
    ),
  },
  {
    row: '`client.emit`',
    isKept: true,
    scenario: ask('emit'),
    platformWs: clients(),
    gatewire: clients('text {"event":"news","data":{"a":1}}'),
  },
];
