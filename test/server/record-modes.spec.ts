import { deferred } from '../support/engine-fixture.js';
import { ServerLives } from '../support/server-lives.js';
import { until } from '../support/session-fixture.js';

let lives: ServerLives;

beforeEach(() => {
  lives = new ServerLives();
});
afterEach(() => lives.stop());

describe('the modes of recording', () => {
  it('after: a handler that had not ended when the server died runs again', async () => {
    let runs = 0;
    const hang = deferred<string>();
    const handlers = { work: () => (++runs === 1 ? hang.promise : 'done') };
    const first = await lives.start({ handlers });
    const client = await first.at.open();
    client.send({ event: 'work', id: 1 });
    await until(() => runs === 1);
    await lives.kill(first);
    const second = await lives.start({ handlers });
    const back = await second.at.open(client);
    back.send({ event: 'work', id: 1 });
    expect(await back.next()).toEqual({ id: 1, data: 'done' });
    expect(runs).toBe(2);
    hang.resolve('too late');
  });

  it('before: it does not, and its repeat is told that nobody knows', async () => {
    let runs = 0;
    const hang = deferred<string>();
    const invoke = () => (++runs === 1 ? hang.promise : 'done');
    const handlers = {
      work: {
        record: 'before',
        invoke: (message: { enter(): void }) => (message.enter(), invoke()),
      } as const,
    };
    const first = await lives.start({ handlers });
    const client = await first.at.open();
    first.store.hold();
    client.send({ event: 'work', id: 1 });
    await until(() => first.store.changes.some(({ settled }) => settled !== undefined));
    expect(runs).toBe(0);
    first.store.release();
    await until(() => runs === 1);
    await lives.kill(first);
    const second = await lives.start({ handlers });
    const back = await second.at.open(client);
    back.send({ event: 'work', id: 1 });
    expect(await back.next()).toMatchObject({ id: 1, error: { code: 'OUTCOME_UNKNOWN' } });
    back.send({ event: 'work', id: 2 });
    expect(await back.next()).toEqual({ id: 2, data: 'done' });
    expect(runs).toBe(2);
    hang.resolve('too late');
  });
});
