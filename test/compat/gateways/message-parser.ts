import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { MessageParser, Scenario } from '../oracle/scenario.js';
import type { Stage } from '../oracle/stage.js';

@WebSocketGateway()
class ParsedGateway {
  @SubscribeMessage('say')
  say(@MessageBody() data: unknown): unknown {
    return { event: 'said', data };
  }
}

const pairs: MessageParser = (data) => {
  const [event, body] = String(data).split('|');
  if (event === undefined || event === 'drop') return undefined;
  return { event, data: body };
};

const arrays: MessageParser = (data) => {
  const [event, body] = JSON.parse(String(data)) as [string, unknown];
  return { event, data: body };
};

async function play(stage: Stage, ...frames: (string | Buffer)[]): Promise<void> {
  const client = await stage.connect();
  await client.exchange(...frames);
}

export const messageParsers: Scenario[] = [
  {
    name: 'reads messages with the messageParser of the adapter’s options',
    module: { providers: [ParsedGateway] },
    messageParser: pairs,
    play: (stage) => play(stage, 'say|hello', 'drop', 'say', Buffer.from('say|binary'), 'say|last'),
  },
  {
    name: 'reads messages with the parser given to setMessageParser',
    module: { providers: [ParsedGateway] },
    laterMessageParser: arrays,
    play: (stage) => play(stage, '["say",{"a":1}]', '["say"]', Buffer.from('["say","binary"]')),
  },
];
