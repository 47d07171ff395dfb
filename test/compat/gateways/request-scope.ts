import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';
import type { Stage } from '../oracle/stage.js';

@Injectable()
class Instances {
  state = 0;
  gateway = 0;
}

@Injectable({ scope: Scope.REQUEST })
class ConnectionState {
  readonly number: number;
  messages = 0;

  constructor(
    readonly instances: Instances,
    @Inject(REQUEST) readonly client: unknown,
  ) {
    this.number = ++instances.state;
  }
}

@WebSocketGateway()
class ScopedDependencyGateway {
  @WebSocketServer() server: unknown;
  readonly #number: number;

  constructor(
    private readonly state: ConnectionState,
    private readonly log: CallLog,
    instances: Instances,
  ) {
    this.#number = ++instances.gateway;
  }

  handleConnection(client: unknown): void {
    this.log.note(
      'handleConnection',
      this.state.number,
      this.#number,
      this.state.client === client,
      this.server,
    );
  }

  handleDisconnect(client: unknown): void {
    this.log.note(
      'handleDisconnect',
      this.state.number,
      this.#number,
      this.state.messages,
      this.state.client === client,
    );
  }

  @SubscribeMessage('count')
  count(client: unknown, data: unknown): unknown {
    return {
      event: 'count',
      data: {
        data,
        state: this.state.number,
        gateway: this.#number,
        messages: ++this.state.messages,
        isClient: this.state.client === client,
      },
    };
  }
}

@Injectable({ scope: Scope.REQUEST })
@WebSocketGateway()
class ScopedGateway {
  readonly #number: number;
  #messages = 0;

  constructor(
    private readonly log: CallLog,
    instances: Instances,
  ) {
    this.#number = ++instances.gateway;
  }

  handleConnection(): void {
    this.log.note('handleConnection', this.#number);
  }

  handleDisconnect(): void {
    this.log.note('handleDisconnect', this.#number, this.#messages);
  }

  @SubscribeMessage('count')
  count(@MessageBody() data: unknown): unknown {
    return { event: 'count', data: { data, gateway: this.#number, messages: ++this.#messages } };
  }
}

async function play(stage: Stage): Promise<void> {
  for (const round of [1, 2]) {
    const client = await stage.connect();
    await stage.log.noted('handleConnection', round);
    client.send({ event: 'count', data: 'a' });
    client.send({ event: 'count', data: 'b' });
    await client.receives(2);
  }
  const [first, second] = stage.clients;
  first?.send({ event: 'count', data: 'c' });
  await first?.receives(3);
  await first?.close();
  await stage.log.noted('handleDisconnect', 1);
  second?.send({ event: 'count', data: 'd' });
  await second?.receives(3);
  await second?.close();
  await stage.log.noted('handleDisconnect', 2);
}

const asOnNest12 = 'Request scope on Nest 11';

export const requestScope: Scenario[] = [
  {
    name: 'makes a request-scoped dependency once a connection',
    module: { providers: [ScopedDependencyGateway, ConnectionState, Instances] },
    play,
    asOnNest12,
  },
  {
    name: 'makes a request-scoped gateway once a connection',
    module: { providers: [ScopedGateway, Instances] },
    play,
    asOnNest12,
  },
];
