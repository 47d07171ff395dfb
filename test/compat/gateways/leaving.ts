import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Observable } from 'rxjs';
import type { WebSocket } from 'ws';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway()
class LeavingGateway {
  #closed!: () => void;
  readonly #closing = new Promise<void>((resolve) => (this.#closed = resolve));

  constructor(private readonly log: CallLog) {}

  handleDisconnect(client: WebSocket): void {
    this.log.note('handleDisconnect', client.readyState);
    client.send('too late', (error) => this.log.note('send', error !== undefined));
    client.close();
    client.terminate();
    this.#closed();
  }

  @SubscribeMessage('late answer')
  async lateAnswer(): Promise<string> {
    await this.#closing;
    this.log.note('answers nobody');
    return 'nobody';
  }

  @SubscribeMessage('endless')
  endless(): Observable<number> {
    return new Observable((subscriber) => {
      subscriber.next(1);
      return () => this.log.note('unsubscribed');
    });
  }
}

export const leaving: Scenario[] = [
  {
    name: 'sends nothing after the client has left, and breaks nothing',
    module: { providers: [LeavingGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      await client.exchange({ event: 'late answer' });
      await client.close();
      await stage.log.noted('answers nobody');
      await stage.log.noted('send');
      await (await stage.connect()).exchange({ event: 'late answer' });
    },
  },
  {
    name: 'unsubscribes from Observables when the client leaves',
    module: { providers: [LeavingGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      await client.exchange({ event: 'endless' });
      await client.close();
      await stage.log.noted('unsubscribed');
    },
  },
];
