import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Scenario } from '../oracle/scenario.js';

class BaseGateway {
  @SubscribeMessage('inherited')
  inherited(): string {
    return 'base';
  }

  @SubscribeMessage('overridden')
  overridden(): string {
    return 'base';
  }
}

@WebSocketGateway()
class SeveralMethodsGateway extends BaseGateway {
  @SubscribeMessage('twice')
  earlier(@MessageBody() data: unknown): unknown {
    return { event: 'earlier', data };
  }

  @SubscribeMessage('twice')
  later(@MessageBody() data: unknown): unknown {
    return { event: 'later', data };
  }

  @SubscribeMessage('overridden')
  override overridden(): string {
    return 'derived';
  }
}

export const severalMethods: Scenario = {
  name: 'gives an event that one gateway handles twice to the same method',
  module: { providers: [SeveralMethodsGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    await client.exchange({ event: 'twice', data: 1 }, { event: 'inherited' }, { event: 'overridden' });
  },
};
