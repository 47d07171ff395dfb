import { createParamDecorator, DefaultValuePipe, type ExecutionContext, ParseIntPipe } from '@nestjs/common';
import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

const Shout = createParamDecorator((key: string | undefined, context: ExecutionContext) => {
  const ws = context.switchToWs();
  const data = ws.getData<Record<string, string>>();
  return key === undefined ? ws.getPattern() : String(data[key]).toUpperCase();
});

const Later = createParamDecorator((key: string, context: ExecutionContext) =>
  Promise.resolve(`${key}:${context.switchToWs().getPattern()}`),
);

@WebSocketGateway()
class ParametersGateway {
  constructor(private readonly log: CallLog) {}

  @SubscribeMessage('custom')
  custom(@Shout('name') name: string, @Shout() pattern: string, @Later('key') later: unknown): unknown {
    return { event: 'custom', data: { name, pattern, later } };
  }

  @SubscribeMessage('keys')
  keys(
    @MessageBody('name') name: string,
    @MessageBody('missing') missing: unknown,
    @MessageBody() all: unknown,
  ): unknown {
    return { event: 'keys', data: { name, missing: missing === undefined, all } };
  }

  @SubscribeMessage('piped')
  piped(
    @MessageBody('age', ParseIntPipe) age: number,
    @MessageBody('city', new DefaultValuePipe('Kraków')) city: string,
  ): unknown {
    return { event: 'piped', data: { age, city } };
  }

  @SubscribeMessage('swapped')
  swapped(@MessageBody() data: unknown, @ConnectedSocket() client: { readyState: number }): unknown {
    return { event: 'swapped', data: { data, open: client.readyState } };
  }

  @SubscribeMessage('hole')
  hole(@MessageBody() data: unknown, unmarked: unknown): unknown {
    return { event: 'hole', data: { data, unmarked: unmarked === undefined } };
  }

  @SubscribeMessage('none')
  none(): unknown {
    return { event: 'none', data: null };
  }

  @SubscribeMessage('bare')
  bare(...args: unknown[]): unknown {
    this.log.note('bare', ...args);
    return { event: 'bare', data: args.length };
  }

  @SubscribeMessage('ack')
  ack(@MessageBody() data: unknown, @Ack() ack: unknown): unknown {
    this.log.note('ack', data, typeof ack);
    return { event: 'ack', data: typeof ack };
  }
}

export const parameters: Scenario = {
  name: 'fills in the parameters of handlers',
  module: { providers: [ParametersGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    const data = { name: 'Ola', age: '7' };
    let count = 0;
    for (const event of ['custom', 'keys', 'piped', 'swapped', 'hole', 'none', 'bare', 'ack']) {
      client.send({ event, data });
      await client.receives(++count);
    }
  },
};
