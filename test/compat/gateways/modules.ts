import { Module } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

class TellingGateway {
  constructor(private readonly log: CallLog) {}

  afterInit(): void {
    this.log.note(`${this.constructor.name}.afterInit`);
  }

  handleConnection(client: { send(text: string): void }): void {
    this.log.note(`${this.constructor.name}.handleConnection`);
    client.send(this.constructor.name);
  }

  handleDisconnect(): void {
    this.log.note(`${this.constructor.name}.handleDisconnect`);
  }

  @SubscribeMessage('who')
  who(): string {
    return this.constructor.name;
  }
}

@WebSocketGateway()
class FirstGateway extends TellingGateway {
  constructor(log: CallLog) {
    super(log);
  }
}

@WebSocketGateway()
class SecondGateway extends TellingGateway {
  constructor(log: CallLog) {
    super(log);
  }
}

@WebSocketGateway()
class ThirdGateway extends TellingGateway {
  constructor(log: CallLog) {
    super(log);
  }
}

@Module({ providers: [CallLog], exports: [CallLog] })
class LogModule {}

@Module({ imports: [LogModule], providers: [SecondGateway] })
class SecondModule {}

@Module({ imports: [LogModule, SecondModule], providers: [FirstGateway] })
class FirstModule {}

export const modules: Scenario = {
  name: 'connects the gateways of several modules in Nest’s order',
  module: { imports: [FirstModule, LogModule], providers: [ThirdGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    await client.exchange({ event: 'who' });
    await client.close();
    await stage.log.noted('FirstGateway.handleDisconnect');
    await stage.log.noted('SecondGateway.handleDisconnect');
    await stage.log.noted('ThirdGateway.handleDisconnect');
  },
};
