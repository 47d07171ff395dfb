import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import { RecordOutcome } from '../../lib/nest/decorators/record-outcome.decorator.js';
import { LateSessionStore } from '../support/late-session-store.js';
import { SessionClient } from '../support/session-client.js';
import { until } from '../support/session-fixture.js';
import { NestApp } from './nest-app.js';

let runs: string[] = [];
/** The first life never ends what it has begun. */
const never = new Promise<string>(() => undefined);
let isFirstLife = true;

@RecordOutcome('before')
@WebSocketGateway()
class Payments {
  handleConnection(connection: Connection): void {
    runs.push(`met ${connection.session?.isRestored === true ? 'again' : 'first'}`);
  }

  @SubscribeMessage('pay')
  pay(@ConnectedSocket() connection: Connection): Promise<string> | string {
    runs.push(`pay in ${connection.session?.id === undefined ? 'no' : 'a'} session`);
    return isFirstLife ? never : 'paid';
  }

  @RecordOutcome('after')
  @SubscribeMessage('look')
  look(): Promise<string> | string {
    runs.push('look');
    return isFirstLife ? never : 'seen';
  }
}

it('a gateway says when it is written down that a message has been handled, and a handler otherwise', async () => {
  runs = [];
  isFirstLife = true;
  const store = new LateSessionStore();
  const options = { shutdown: { drainMs: 100 } };
  const first = await NestApp.start({ options: { ...options, session: { store } }, providers: [Payments] });
  const client = await SessionClient.open(first.url);
  client.send({ event: 'pay', id: 1 });
  client.send({ event: 'look', id: 2 });
  await until(() => runs.includes('look'));
  store.cut();
  await client.cut();
  isFirstLife = false;
  const second = await NestApp.start({
    options: { ...options, session: { store: new LateSessionStore(store.disk) } },
    providers: [Payments],
  });
  const back = await SessionClient.open(second.url, client);
  back.send({ event: 'pay', id: 1 });
  back.send({ event: 'look', id: 2 });
  expect(await back.next()).toMatchObject({ id: 1, error: { code: 'OUTCOME_UNKNOWN' } });
  expect(await back.next()).toEqual({ id: 2, data: 'seen' });
  expect(runs).toEqual(['met first', 'pay in a session', 'look', 'met again', 'look']);
  back.client.terminate();
  await Promise.all([first.stop(), second.stop()]);
});

it('names no other modes', () => {
  expect(() => RecordOutcome('sometimes' as 'after')).toThrow('@RecordOutcome');
});
