import { pipeline } from '../../../lib/client/pipeline.js';
import { sequence } from '../../../lib/client/stages/sequence.js';
import { ClientFixture } from '../support/client-fixture.js';

let fixture: ClientFixture;
beforeEach(async () => {
  fixture = await ClientFixture.start();
});
afterEach(() => fixture.stop());

it('numbers the events that are named, one stream after the other, and keeps the number of what is sent again', async () => {
  const stages = pipeline(
    sequence({
      events: ['draw.*'],
      stream: ({ data }) => (data as { layer?: string } | undefined)?.layer ?? '',
    }),
  );
  const [client, side] = await fixture.open({ pipeline: stages });
  client.emit('draw.line', {}, { meta: { pen: 'red' } });
  client.emit('chat', {});
  client.emit('draw.dot', { layer: 'top' });
  client.emit('draw.dot', {});
  const numbered = [{ pen: 'red', seq: 1 }, undefined, { seq: 1, stream: 'top' }, { seq: 2 }];
  await side.until(({ messages }) => messages.length === 4);
  expect(side.messages.map(({ meta }) => meta)).toEqual(numbered);
  side.socket.terminate();
  const again = await fixture.comeBack();
  await again.until(({ messages }) => messages.length === 4);
  expect(again.messages.map(({ meta }) => meta)).toEqual(numbered);
});

it('says what cannot work', () => {
  expect(() => sequence({ events: [] })).toThrow('events');
});
