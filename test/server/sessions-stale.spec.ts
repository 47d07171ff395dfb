import { SessionFixture, until } from '../support/session-fixture.js';

let at: SessionFixture;

afterEach(() => at.fixture.stop());

it('a $hello that was on its way for long costs nothing: the one after it is told what is missing', async () => {
  at = await SessionFixture.start();
  const client = await at.open();
  at.connection.emit('told', 1);
  expect(await client.take(1)).toEqual([1]);
  client.send({ event: '$ack', ack: 1, id: 7 });
  await client.next();
  client.send({ event: '$ack', ack: client.seq });
  await until(() => at.connection.session?.log.messages === 0);
  await at.cut(client);
  at.connection.emit('told', 2);
  // From before the first message was taken.
  const stale = await at.open({ welcome: client.welcome, token: client.token, seq: 0 });
  expect(stale.welcome).toMatchObject({ resumed: true, recovered: false });
  const back = await at.open(client);
  expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: client.seq + 1 });
  expect(await back.take(1)).toEqual([2]);
});
