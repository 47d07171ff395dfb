import { RE2JS } from 're2js';
import { binaryFilter, filter, textFilter } from '../../../lib/client/stages/filter.js';
import type { ClientMiddleware } from '../../../lib/client/middleware.js';
import { pipeline } from '../../../lib/client/pipeline.js';
import { ClientFixture } from '../support/client-fixture.js';

let fixture: ClientFixture;
beforeEach(async () => {
  fixture = await ClientFixture.start();
});
afterEach(() => fixture.stop());

const open = (...stages: ClientMiddleware[]) => fixture.open({ pipeline: pipeline(...stages) });
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]);

describe('what goes out', () => {
  it.each([
    ['a substring', textFilter({ contains: 'secret' }), { text: 'my SECRET' }],
    ['a blocked URL', textFilter({ urls: ['evil.com'] }), 'see http://sub.EVIL.com/x'],
    ['a regular expression', textFilter({ patterns: /\bpass\d+\b/i, engine: RE2JS }), ['Pass123']],
    ['bytes of another kind', binaryFilter({ allow: ['png'] }), new Uint8Array([1, 2, 3])],
    ['too many bytes', binaryFilter({ maxBytes: 8 }), { file: png }],
  ])('is refused for %s, and who sends it hears FILTERED', async (_what, stage, data) => {
    const [client, side] = await open(stage);
    await expect(client.emit('note', data).delivered).rejects.toMatchObject({ code: 'FILTERED' });
    await expect(client.request('note', data)).rejects.toMatchObject({ code: 'FILTERED' });
    client.emit('note', 'fine');
    await side.until(({ messages }) => messages.length === 1);
    expect(side.messages[0]?.data).toBe('fine');
  });

  it('has what was found replaced, and the data of the caller stays as it is', async () => {
    const [client, side] = await open(textFilter({ contains: 'secret', outcome: { replace: '***' } }));
    const data = { text: 'a secret', more: ['secret secret', 1] };
    client.emit('note', data);
    client.publish('room', 'note', data);
    await side.until(({ messages }) => messages.length === 1);
    const hidden = { text: 'a ***', more: ['*** ***', 1] };
    expect(side.messages[0]?.data).toEqual(hidden);
    expect((await side.next('$publish')).data).toEqual({ room: 'room', event: 'note', data: hidden });
    expect(data.text).toBe('a secret');
  });

  it('is refused with the code that the rule says', async () => {
    const [client] = await open(
      filter(({ data }) => (data === 13 ? { reject: 'UNLUCKY', message: 'no', details: 13 } : undefined)),
    );
    await expect(client.request('note', 13)).rejects.toMatchObject({ code: 'UNLUCKY', details: 13 });
  });

  it('waits for a function that takes its time, in order', async () => {
    const [client, side] = await open(
      filter(async ({ data }) => {
        for (let turns = 0; turns < (data === 1 ? 20 : 0); turns++) await Promise.resolve();
        return data === 2 ? { drop: 'even' } : 'pass';
      }),
    );
    for (const data of [1, 2, 3]) client.emit('note', data);
    await side.until(({ messages }) => messages.length === 2);
    expect(side.messages.map(({ data }) => data)).toEqual([1, 3]);
  });

  it('passes where the filter is for other events, or the other direction', async () => {
    const [client, side] = await open(
      textFilter({ contains: 'x', events: ['chat.*'] }),
      textFilter({ contains: 'x', direction: 'inbound' }),
    );
    client.emit('note', 'x');
    client.publish('room', 'note', 'x');
    await expect(client.emit('chat.say', 'x').delivered).rejects.toMatchObject({ code: 'FILTERED' });
    await expect(client.publish('room', 'chat.say', 'x').delivered).rejects.toMatchObject({
      code: 'FILTERED',
    });
    await side.until(({ messages }) => messages.length === 1);
  });

  it('is examined up to the limits of the rule, and refused beyond', async () => {
    const [client, side] = await open(textFilter({ contains: 'x', limits: { characters: 4 } }));
    client.emit('note', 'abcd');
    await side.until(({ messages }) => messages.length === 1);
    await expect(client.emit('note', 'abcde').delivered).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});

describe('what comes', () => {
  it('is dropped without a word where the rule says drop', async () => {
    const [client, side] = await open(textFilter({ contains: 'spam', outcome: { drop: 'spam' } }));
    const heard: unknown[] = [];
    client.on('note', (data) => heard.push(data));
    side.send({ event: 'note', data: 'spam' }, { event: 'note', data: 'ham' });
    await fixture.until(() => heard.length > 0);
    expect([heard, fixture.errors]).toEqual([['ham'], []]);
  });

  it('is refused: listeners of errors hear of it, and what follows is heard', async () => {
    const [client, side] = await open(textFilter({ contains: 'spam' }));
    const heard: unknown[] = [];
    client.on('note', (data) => heard.push(data));
    side.send({ event: 'note', data: 'spam' }, { event: 'note', data: 'ham' });
    await fixture.until(() => heard.length > 0);
    expect(heard).toEqual(['ham']);
    expect(fixture.errors).toMatchObject([{ code: 'FILTERED' }]);
  });

  it.each([
    ['dropped', { drop: 'spam' }],
    ['refused', { reject: 'FILTERED' }],
  ])('is an answer: who asked hears that it was %s', async (_what, outcome) => {
    const [client, side] = await open(textFilter({ contains: 'spam', outcome }));
    const asked = client.request('ask');
    side.send({ id: (await side.next('ask')).id as number, data: 'spam' });
    await expect(asked).rejects.toMatchObject({ code: 'FILTERED' });
  });

  it('is a question of the server, which hears that it was filtered', async () => {
    const [client, side] = await open(textFilter({ contains: 'spam', outcome: { drop: 'spam' } }));
    client.on('ask', () => 'never');
    side.send({ event: 'ask', id: -1, data: 'spam' });
    await side.until(({ received }) => received.some(({ id }) => id === -1));
    expect(side.received.find(({ id }) => id === -1)?.error?.code).toBe('FILTERED');
  });

  it('has what was found replaced', async () => {
    const [client, side] = await open(textFilter({ contains: 'spam', outcome: { replace: '' } }));
    const heard = new Promise((resolve) => client.on('note', resolve));
    side.send({ event: 'note', data: 'spam and eggs' });
    await expect(heard).resolves.toBe(' and eggs');
  });
});

it('says what cannot work', () => {
  expect(() => textFilter({})).toThrow('contains, urls or patterns');
  expect(() => textFilter({ patterns: 'a' })).toThrow('re2js');
  expect(() => filter(() => undefined, { direction: 'up' as never })).toThrow('direction');
});
