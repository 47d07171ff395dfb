import type { SessionChange, SessionStore, SettledMessage } from '../../lib/store/session-store.js';
import { expectKept } from './session-expectations.js';
import { messagesContract } from './session-messages.contract.js';
import { ownersContract } from './session-owners.contract.js';
import { batch, done, moved, one, stepsOn } from './session-steps.js';
import { behavesLikeTheSessionModel } from './session-store.property.js';

/** A driver, its time, and its end. */
export interface SessionStoreUnderTest {
  readonly name: string;
  /** Random cases; fewer where each costs a disk or a network. @default 300 */
  readonly cases?: number;
  create(): Promise<{
    readonly store: SessionStore;
    /** Where owners can live: time goes by. */
    pass?(ms: number): Promise<void>;
    /** Lets go of the store, and gives what finds there what it has left. */
    reopen?(): Promise<SessionStore>;
    close?(): Promise<void>;
  }>;
}

/** What every driver of {@link SessionStore} promises. */
export function sessionStoreContract({ name, create, cases = 300 }: SessionStoreUnderTest): void {
  describe(`SessionStore: ${name}`, () => {
    let subject: Awaited<ReturnType<SessionStoreUnderTest['create']>>;
    beforeEach(async () => {
      subject = await create();
    });
    afterEach(() => subject.close?.());
    const { write, begin, read } = stepsOn(() => subject.store);

    describe('keeps', () => {
      it('a session as it began, with nothing in it', async () => {
        await begin();
        expect(await read()).toEqual({
          record: one,
          rooms: [],
          sent: [],
          last: 0,
          forgotten: 0,
          settled: [],
        });
      });

      it('a session of nobody', async () => {
        const { principalId: _, ...nobody } = one;
        await write({ begin: nobody });
        expect((await read()).record.principalId).toBeUndefined();
        await write({ begin: { ...nobody, id: 'b', principalId: undefined } }, 'b');
        expect((await read('b')).record.principalId).toBeUndefined();
      });

      it('all that one change says', async () => {
        const sent = [batch(1, 2, 'one and two'), batch(3)];
        await begin({}, 'me', { rooms: ['r'], sent, last: 5, settled: [done(1), done('x')], forget: 2 });
        const expected = { record: one, rooms: ['r'], sent, last: 5, forgotten: 2 };
        expectKept(await read(), { ...expected, settled: [done(1), done('x')] });
      });

      it('the rooms it is in from now on, all of them', async () => {
        await begin({}, 'me', { rooms: ['a', 'b'] });
        await write({ rooms: ['b', 'c'] });
        expect((await read()).rooms).toEqual(['b', 'c']);
        await write({ last: 1 });
        expect((await read()).rooms).toEqual(['b', 'c']);
        await write({ rooms: [] });
        expect((await read()).rooms).toEqual([]);
      });

      const names = [
        '',
        ' ',
        'grüße, 世界 \u0000 \ud83d\ude00',
        '"\\{',
        "a'; DROP TABLE a",
        'x'.repeat(5_000),
      ];
      const halves = ['\ud800', '\ud801', '\ufffd'];

      it('rooms, ids, events and all of the record whatever characters they have', async () => {
        const text = names.join('\n');
        const record = { ...one, endpoint: text, principalId: text, encoding: text, url: text };
        const settled = [...names, ...halves].map((id) => ({
          id,
          outcome: { event: text, kind: 'done' as const },
        }));
        await begin({ ...record, remembers: 100 }, 'me', { rooms: [...names, ...halves], settled });
        expect(await read()).toMatchObject({
          record: { ...record, remembers: 100 },
          rooms: [...names, ...halves],
          settled,
        });
      });

      it('sessions and owners with such names apart', async () => {
        for (const id of [...names, ...halves]) await begin({ id }, id);
        for (const id of [...names, ...halves]) expect((await read(id, id)).record.id).toBe(id);
      });

      it.each<SettledMessage['outcome']>([
        { event: 'e', kind: 'running' },
        { event: 'e', kind: 'done' },
        { event: 'e', kind: 'value' },
        { event: 'e', kind: 'value', json: '{"a":"\\u0000ü"}' },
        { event: 'e', kind: 'value', bytes: 'AAEC' },
        { event: 'e', kind: 'error', code: 'NO', message: 'no', details: { at: [1, null] } },
        { event: 'e', kind: 'dropped', reason: 'spam' },
      ])('what became of a message: %j', async (outcome) => {
        await begin({}, 'me', { settled: [{ id: 1, outcome }] });
        expect((await read()).settled).toEqual([{ id: 1, outcome }]);
      });

      it('bytes, all of them, also a part of a longer buffer and many', async () => {
        const whole = Uint8Array.from({ length: 256 }, (_, i) => i);
        const frames = [whole, whole.subarray(3, 7), new Uint8Array(0), new Uint8Array(300_000).fill(7)];
        await begin({}, 'me', { sent: frames.map((one, i) => ({ first: i + 1, count: 1, frames: one })) });
        const texts = (all: readonly Uint8Array[]) => all.map((one) => Buffer.from(one).toString('latin1'));
        expect(texts((await read()).sent.map((one) => one.frames))).toEqual(texts(frames));
      });

      it('nothing of what is changed after the call, or after it was read', async () => {
        const frames = Buffer.from('before');
        const rooms = ['r'];
        const outcome = { event: 'e', kind: 'error' as const, code: 'NO', message: 'no', details: ['x'] };
        const writing = begin({}, 'me', {
          rooms,
          sent: [{ first: 1, count: 1, frames }],
          settled: [{ id: 1, outcome }],
        });
        frames.fill(0);
        rooms.push('s');
        outcome.details.push('y');
        await writing;
        const check = async () => {
          const found = await read();
          expect(found.rooms).toEqual(['r']);
          expect(Buffer.from(found.sent[0]!.frames).toString()).toBe('before');
          expect(found.settled[0]!.outcome).toEqual({ ...outcome, details: ['x'] });
          return found;
        };
        const found = await check();
        found.sent[0]!.frames.fill(0);
        (found.rooms as string[]).push('t');
        (found.settled[0]!.outcome as typeof outcome).details.push('z');
        await check();
      });
    });

    describe('messages', () => messagesContract(() => subject.store));

    describe('changes', () => {
      it('are done in the order of the calls, where they are not awaited', async () => {
        const writes = [begin()];
        for (let i = 1; i <= 200; i++) {
          writes.push(
            write({
              sent: [batch(i)],
              rooms: [`${i}`],
              settled: [done(i % 10, `${i}`)],
              forget: Math.max(0, i - 10),
            }),
          );
        }
        const seen = await read();
        await Promise.all(writes);
        expect(seen).toMatchObject({ rooms: ['200'], last: 200, forgotten: 190 });
        expect(seen.sent.slice(-10).map(({ first }) => first)).toEqual(
          Array.from({ length: 10 }, (_, i) => 191 + i),
        );
        expect(seen.settled.map(({ outcome }) => Number((outcome as { json: string }).json))).toEqual(
          Array.from({ length: 10 }, (_, i) => (i === 9 ? 200 : 191 + i)),
        );
      });

      it('may be of nothing', async () => {
        await begin({}, 'me', { rooms: ['r'], last: 3 });
        const before = await read();
        await write({});
        await write({ sent: [], settled: [] });
        expect(await read()).toEqual(before);
      });

      it('of a session that begins are refused where there is one of its name, and nothing is changed', async () => {
        await begin({}, 'me', { rooms: ['r'] });
        await expect(begin({ tokenHash: 'other' }, 'me', { rooms: [] })).rejects.toEqual(moved);
        await expect(begin({ tokenHash: 'other' }, 'other')).rejects.toEqual(moved);
        expect(await read()).toMatchObject({ record: one, rooms: ['r'] });
      });

      it('of who is not the owner are refused, and nothing of them is done', async () => {
        await begin({}, 'me', { rooms: ['r'] });
        const before = await read();
        const intrusion: SessionChange = { rooms: ['s'], sent: [batch(1)], settled: [done(1)], forget: 9 };
        await expect(write(intrusion, 'a', 'other')).rejects.toEqual(moved);
        await expect(write({ end: true }, 'a', 'other')).rejects.toEqual(moved);
        await expect(write({}, 'a', 'other')).rejects.toEqual(moved);
        expect(await read()).toEqual(before);
      });

      it('of a session that is not known are refused', async () => {
        await expect(write({ last: 1 }, 'nobody')).rejects.toEqual(moved);
        await expect(write({}, 'nobody')).rejects.toEqual(moved);
        await expect(write({ end: true }, 'nobody')).rejects.toEqual(moved);
      });

      it('are refused one by one: those beside them are done', async () => {
        const outcomes = await Promise.allSettled([
          begin(),
          write({ last: 1 }, 'nobody'),
          write({ last: 2 }),
          write({ last: 3 }, 'a', 'other'),
          write({ rooms: ['r'] }),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual([
          'fulfilled',
          'rejected',
          'fulfilled',
          'rejected',
          'fulfilled',
        ]);
        expect(await read()).toMatchObject({ last: 2, rooms: ['r'] });
      });
    });

    describe('a session that is over', () => {
      it('is not there any more, and another may begin in its name with nothing of it', async () => {
        await begin({}, 'me', { rooms: ['r'], sent: [batch(1)], settled: [done(1)], forget: 0 });
        await begin({ id: 'b' });
        await write({ last: 5, end: true });
        expect(await subject.store.claim('a', one.tokenHash, 'me')).toBeUndefined();
        await expect(write({ last: 6 })).rejects.toEqual(moved);
        expect((await subject.store.adopt('you')).map(({ record }) => record.id)).toEqual(['b']);
        await begin();
        expect(await read()).toMatchObject({ rooms: [], sent: [], last: 0, forgotten: 0, settled: [] });
      });

      it('may have begun in the same change', async () => {
        await begin({}, 'me', { sent: [batch(1)], end: true });
        expect(await subject.store.adopt('you')).toEqual([]);
        await begin();
      });
    });

    describe('an owner', () => ownersContract(() => subject));

    it('has it all after it was opened again', async () => {
      if (subject.reopen === undefined) return;
      await begin({}, 'one', { rooms: ['r'], sent: [batch(1), batch(2, 2)], settled: [done(1), done('1')] });
      await begin({ id: 'b' }, 'one', { end: true });
      await write({ forget: 1, last: 9, settled: [done(2)] }, 'a', 'one');
      const store = await subject.reopen();
      await expect(Promise.resolve().then(() => store.write('a', 'two', {}))).rejects.toEqual(moved);
      const adopted = await store.adopt('two');
      expect(adopted).toHaveLength(1);
      expectKept(adopted[0], {
        record: one,
        rooms: ['r'],
        sent: [batch(1), batch(2, 2)],
        last: 9,
        forgotten: 1,
        settled: [done(1), done('1'), done(2)],
      });
      await store.write('a', 'two', { sent: [batch(10)] });
      expect(await store.claim('a', one.tokenHash, 'two')).toMatchObject({ last: 10 });
    });

    it('does what the model does, whatever is written, claimed, adopted and opened again', async () => {
      await behavesLikeTheSessionModel(subject.store, subject.reopen?.bind(subject), cases);
    });
  });
}
