import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { concat, delay, EMPTY, from, map, type Observable, of, timer } from 'rxjs';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway()
class ObservablesGateway {
  @SubscribeMessage('several')
  several(@MessageBody() data: unknown): Observable<unknown> {
    return from([1, 2, 3]).pipe(map((item) => ({ event: 'item', data: { item, data } })));
  }

  @SubscribeMessage('falsy')
  falsy(): Observable<unknown> {
    return of(0, '', false, null, undefined, 'end');
  }

  @SubscribeMessage('nothing')
  nothing(): Observable<unknown> {
    return EMPTY;
  }

  @SubscribeMessage('delayed')
  delayed(): Observable<unknown> {
    return concat(of('now'), of('soon').pipe(delay(5)), timer(5).pipe(map(() => 'then')));
  }

  @SubscribeMessage('promised')
  promised(): Promise<Observable<unknown>> {
    return Promise.resolve(of('a', 'b'));
  }

  @SubscribeMessage('ofPromise')
  ofPromise(): Observable<unknown> {
    return from(Promise.resolve('resolved'));
  }

  @SubscribeMessage('ofObservable')
  ofObservable(): Observable<unknown> {
    return of(of('inner'));
  }
}

export const observables: Scenario = {
  name: 'sends every item of a returned Observable',
  module: { providers: [ObservablesGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    let total = 0;
    for (const [event, items] of Object.entries({
      several: 3,
      falsy: 4,
      nothing: 0,
      delayed: 3,
      promised: 2,
      ofPromise: 1,
      ofObservable: 1,
    })) {
      client.send({ event, data: 'x' });
      total += items;
      await client.receives(total);
    }
  },
};
