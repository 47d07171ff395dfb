import { Injectable, type PipeTransform, Scope, UsePipes } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { z } from 'zod';
import type { Difference } from './difference.js';

@Injectable()
class Prefix {
  readonly text = 'piped';
}

@Injectable({ scope: Scope.TRANSIENT })
class TransientPipe implements PipeTransform {
  constructor(private readonly prefix: Prefix) {}

  transform(value: unknown): string {
    return `${this.prefix.text} ${String(value)}`;
  }
}

@UsePipes(TransientPipe)
@WebSocketGateway()
class TransientPipeGateway {
  @SubscribeMessage('ask')
  ask(@MessageBody() data: unknown): unknown {
    return { event: 'asked', data };
  }
}

/** Nest 11 takes the object too, but its types do not. */
const Body = MessageBody as (options: object) => ParameterDecorator;

@WebSocketGateway()
class SchemaGateway {
  @SubscribeMessage('ask')
  ask(@Body({ schema: z.string() }) data: unknown): unknown {
    return { event: 'asked', data };
  }
}

const failed = '{"status":"error","message":"Internal server error","cause":{"pattern":"ask","data":1}}';

export const enhancerDifferences: Difference[] = [
  {
    row: 'Transient enhancers',
    isKept: true,
    scenario: {
      module: { providers: [TransientPipeGateway, TransientPipe, Prefix] },
      play: async (stage) => (await stage.connect()).exchange({ event: 'ask', data: 1 }),
    },
    platformWs: {
      clients: [['open ', `text {"event":"exception","data":${failed}}`, 'close 1000 ']],
      calls: [],
    },
    platformWsOnNest11: { clients: [['open ', 'close 1000 ']], calls: [] },
    gatewire: { clients: [['open ', 'text {"event":"asked","data":"piped 1"}', 'close 1000 ']], calls: [] },
  },
  {
    row: 'Schemas without a pipe for them',
    scenario: {
      module: { providers: [SchemaGateway] },
      play: async (stage) => (await stage.connect()).exchange({ event: 'ask', data: 1 }),
    },
    platformWs: { clients: [['open ', 'text {"event":"asked","data":1}', 'close 1000 ']], calls: [] },
    gatewire: {
      clients: [['open ', `text {"event":"exception","data":${failed}}`, 'close 1000 ']],
      calls: [],
    },
  },
];
