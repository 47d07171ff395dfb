import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Scenario } from '../oracle/scenario.js';

const values: Record<string, unknown> = {
  text: 'pong',
  emptyText: '',
  zero: 0,
  number: 1.5,
  notANumber: Number.NaN,
  true: true,
  false: false,
  null: null,
  undefined: undefined,
  array: [1, 'two', null],
  emptyArray: [],
  object: { a: 1, nested: { b: [2] } },
  emptyObject: {},
  eventAndData: { event: 'reply', data: { a: 1 } },
  eventAlone: { event: 'reply' },
  eventAndMore: { event: 'reply', data: 1, extra: 2 },
  nullData: { event: 'reply', data: null },
  dataAlone: { data: 'x' },
  date: new Date(0),
  map: new Map([[1, 2]]),
  withToJson: { toJSON: () => ({ said: 'toJSON' }) },
  unicode: 'żółw \u2028 "quoted" 🐢',
};

@WebSocketGateway()
class ReturnsGateway {
  @SubscribeMessage('value')
  value(@MessageBody() name: string): unknown {
    return values[name];
  }

  @SubscribeMessage('promise')
  promise(@MessageBody() name: string): Promise<unknown> {
    return Promise.resolve(values[name]);
  }

  @SubscribeMessage('later')
  async later(@MessageBody() name: string): Promise<unknown> {
    await new Promise((resolve) => setImmediate(resolve));
    return values[name];
  }
}

export const returns: Scenario[] = ['value', 'promise', 'later'].map((event) => ({
  name: `sends what a handler returns (${event})`,
  module: { providers: [ReturnsGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    for (const name of Object.keys(values)) await client.exchange({ event, data: name });
  },
}));
