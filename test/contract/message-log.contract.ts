import type {
  LoggedMessage,
  LogPage,
  LogPosition,
  LogQuery,
  MessageLog,
  Retention,
} from '../../lib/store/message-log.js';
import { behavesLikeTheModel } from './message-log.property.js';
import { readsContract } from './message-log-reads.contract.js';

/** A driver, and how its time goes by. */
export interface MessageLogUnderTest {
  readonly name: string;
  /** Random cases; fewer where each costs a disk or a network. @default 300 */
  readonly cases?: number;
  create(): Promise<{ log: MessageLog; pass(ms: number): Promise<void>; close?(): Promise<void> }>;
}

const all: Retention = { count: Infinity, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
const everything: LogQuery = { limit: Infinity, maxBytes: Infinity };

/** What every driver of {@link MessageLog} promises. */
export function messageLogContract({ name, create, cases = 300 }: MessageLogUnderTest): void {
  describe(`MessageLog: ${name}`, () => {
    let subject: Awaited<ReturnType<MessageLogUnderTest['create']>>;
    beforeEach(async () => {
      subject = await create();
    });
    afterEach(async () => {
      await (subject.close?.() ?? subject.log.close?.());
    });
    const append = async (
      body: LoggedMessage['body'],
      retention: Partial<Retention> = {},
      { log = 'a', key }: { log?: string; key?: string } = {},
    ): Promise<LogPosition> => subject.log.append(log, { body, key }, { ...all, ...retention });
    const read = async (query: Partial<LogQuery> = {}, log = 'a'): Promise<LogPage> =>
      subject.log.read(log, { ...everything, ...query });
    const bodies = async (query: Partial<LogQuery> = {}, log = 'a') =>
      (await read(query, log)).entries.map(({ body }) => body);
    const offsets = async (query: Partial<LogQuery> = {}, log = 'a') =>
      (await read(query, log)).entries.map(({ offset }) => offset);

    describe('numbers', () => {
      it('each log from 1, without gaps, in one epoch', async () => {
        const first = await append('x');
        expect(first).toEqual({ epoch: expect.stringMatching(/./), offset: 1 });
        expect(await append('y')).toEqual({ ...first, offset: 2 });
        expect((await append('z', {}, { log: 'b' })).offset).toBe(1);
        expect(await append('z')).toEqual({ ...first, offset: 3 });
      });

      it('in the order of the calls, where they are not awaited', async () => {
        const texts = Array.from({ length: 200 }, (_, i) => String(i));
        const pending = texts.map((text, i) => append(text, {}, { log: i % 3 === 0 ? 'b' : 'a' }));
        const seen = read();
        const positions = await Promise.all(pending);
        const ofA = texts.filter((_, i) => i % 3 !== 0);
        expect(positions.filter((_, i) => i % 3 !== 0).map(({ offset }) => offset)).toEqual(
          ofA.map((_, i) => i + 1),
        );
        expect((await seen).entries.map(({ body }) => body)).toEqual(ofA);
        expect(await bodies({}, 'b')).toEqual(texts.filter((_, i) => i % 3 === 0));
      });

      it('also of long ones, of those with keys, and within bounds', async () => {
        const texts = Array.from({ length: 200 }, (_, i) => `${i}${'x'.repeat(i % 7 === 0 ? 3_000 : 3)}`);
        const pending = texts.map((text, i) =>
          append(text, { count: 50 }, i % 5 === 0 ? { key: `k${i}` } : {}),
        );
        const numbers = async (): Promise<number[]> =>
          (await bodies()).map((text) => Number.parseInt(text as string));
        const latest = Array.from({ length: 50 }, (_, i) => 150 + i);
        expect(await numbers()).toEqual(latest);
        await Promise.all(pending);
        expect(await numbers()).toEqual(latest);
        expect((await bodies()).join()).toBe(texts.slice(150).join());
      });

      it('nothing before the first message, whose epoch is known by then', async () => {
        const before = await read();
        expect(before).toEqual({ epoch: expect.stringMatching(/./), offset: 0, entries: [], isWhole: true });
        expect(await append('x')).toEqual({ epoch: before.epoch, offset: 1 });
      });

      it('anew, in another epoch, after a log was removed', async () => {
        const { epoch } = await append('x');
        await append('x', {}, { log: 'b' });
        const ofB = await append('y', {}, { log: 'b' });
        void subject.log.remove('a');
        const gone = await read();
        expect(gone).toMatchObject({ offset: 0, entries: [], isWhole: true });
        expect(gone.epoch).not.toBe(epoch);
        expect(await append('z')).toEqual({ epoch: gone.epoch, offset: 1 });
        expect(await bodies()).toEqual(['z']);
        expect(await read({}, 'b')).toMatchObject({ ...ofB, isWhole: true });
      });

      it('never takes an epoch a second time', async () => {
        const epochs: string[] = [];
        await subject.log.remove('a');
        for (let i = 0; i < 10; i++) {
          epochs.push((await append('x')).epoch);
          await subject.log.remove('a');
        }
        expect(new Set(epochs).size).toBe(10);
      });
    });

    describe('keeps', () => {
      it.each([
        ['', ''],
        ['text', 'grüße, 世界 \u0000 \ud83d\ude00'],
        ['JSON', '{"event":"e","data":[1,null,"\\u2028"]}'],
        ['a long text', 'ü'.repeat(300_000)],
      ])('text: %s', async (_name, body) => {
        await append(body);
        expect(await bodies()).toEqual([body]);
      });

      it('bytes, also a part of a longer buffer, as a Uint8Array', async () => {
        const whole = Uint8Array.from({ length: 256 }, (_, i) => i);
        await append(whole);
        await append(new Uint8Array(0));
        await append(whole.subarray(3, 7));
        await append(Buffer.from('a buffer'));
        const kept = await bodies();
        expect(kept.map((body) => body instanceof Uint8Array)).toEqual([true, true, true, true]);
        expect(kept.map((body) => [...(body as Uint8Array)])).toEqual([
          [...whole],
          [],
          [3, 4, 5, 6],
          [...Buffer.from('a buffer')],
        ]);
      });

      it('the key, and when a message was appended', async () => {
        await append('x', {}, { key: 'k' });
        await subject.pass(1_500);
        await append('y');
        const [x, y] = (await read()).entries;
        expect(x).toMatchObject({ key: 'k', body: 'x' });
        expect(y?.key).toBeUndefined();
        expect((y?.at ?? 0) - (x?.at ?? 0)).toBe(1_500);
      });

      it('many logs apart, whatever they are called', async () => {
        const names = ['', ' ', "'", '"', '%', 'a:b', 'A', 'ä', '\u0000', '__proto__', 'x'.repeat(500)];
        await Promise.all(names.map((log) => append(`of ${log}`, {}, { log })));
        for (const log of names) expect(await bodies({}, log)).toEqual([`of ${log}`]);
        const many = Array.from({ length: 500 }, (_, i) => `many ${i}`);
        await Promise.all(many.flatMap((log) => [append('1', {}, { log }), append('2', {}, { log })]));
        for (const log of many) expect(await bodies({}, log)).toEqual(['1', '2']);
      });
    });

    describe('forgets', () => {
      it('beyond count: the latest stay', async () => {
        for (const text of ['1', '2', '3']) await append(text, { count: 3 });
        expect(await read()).toMatchObject({ isWhole: true, offset: 3, entries: { length: 3 } });
        await append('4', { count: 3 });
        expect(await bodies()).toEqual(['2', '3', '4']);
        await append('5', { count: 1 });
        expect(await bodies()).toEqual(['5']);
        await append('6', { count: 0 });
        expect(await read()).toMatchObject({ isWhole: false, offset: 6, entries: [] });
      });

      it('beyond bytes of bodies and keys, as UTF-8', async () => {
        await append('1234', { bytes: 10 });
        await append('üü', { bytes: 10 }, { key: 'kk' });
        expect(await bodies()).toEqual(['1234', 'üü']);
        await append(Uint8Array.of(1), { bytes: 11 });
        expect(await offsets()).toEqual([1, 2, 3]);
        await append('', { bytes: 10 });
        expect(await offsets()).toEqual([2, 3, 4]);
        await append('x'.repeat(11), { bytes: 10 });
        expect(await read()).toMatchObject({ isWhole: false, offset: 5, entries: [] });
      });

      it('beyond age, at the append and at the reading', async () => {
        await append('1', { ageMs: 1_000 });
        await subject.pass(600);
        await append('2', { ageMs: 1_000 });
        await subject.pass(400);
        expect(await read()).toMatchObject({ isWhole: true, entries: { length: 2 } });
        await subject.pass(1);
        expect(await read()).toMatchObject({ isWhole: false, entries: [{ body: '2' }] });
        expect(await read({ after: 1 })).toMatchObject({ isWhole: true, entries: [{ body: '2' }] });
        await append('3', { ageMs: 400 });
        expect(await bodies()).toEqual(['3']);
        // By the latest retention: what is left may be older than an earlier one said.
        await append('4', { ageMs: 100_000 });
        await subject.pass(5_000);
        expect(await bodies()).toEqual(['3', '4']);
      });

      it('brings nothing back when the next retention is wider', async () => {
        for (const text of ['1', '2', '3']) await append(text, { count: 1 });
        await append('4', { count: 10 });
        expect(await bodies()).toEqual(['3', '4']);
      });

      it('brings nothing back that was too old by the retention before, though nobody has read it', async () => {
        await append('1', { ageMs: 100 });
        await subject.pass(101);
        await append('2', { ageMs: Infinity });
        expect(await read()).toMatchObject({ isWhole: false, entries: [{ body: '2' }] });
      });

      it('by the retention of the append, of this log alone', async () => {
        await append('1', {}, { log: 'b' });
        await append('2', {}, { log: 'b' });
        await append('x', { count: 1 });
        await append('y', { count: 1 });
        expect(await bodies({}, 'b')).toEqual(['1', '2']);
      });

      it('tells what was lost: what comes after it is whole', async () => {
        for (const text of ['1', '2', '3', '4', '5']) await append(text, { count: 2 });
        const isWhole = async (after: number) => (await read({ after })).isWhole;
        expect([await isWhole(0), await isWhole(2), await isWhole(3), await isWhole(5)]).toEqual([
          false,
          false,
          true,
          true,
        ]);
        expect(await read({ after: 2, limit: 0 })).toMatchObject({ isWhole: false, entries: [] });
      });
    });

    describe('latest per key', () => {
      const latest = { latestPerKey: true };

      it('keeps the latest of each key, in its place, and all without one', async () => {
        await append('a1', latest, { key: 'a' });
        await append('b1', latest, { key: 'b' });
        await append('none', latest);
        await append('a2', latest, { key: 'a' });
        await append('none', latest);
        await append('empty1', latest, { key: '' });
        await append('empty2', latest, { key: '' });
        expect(await bodies()).toEqual(['b1', 'none', 'a2', 'none', 'empty2']);
        expect(await offsets()).toEqual([2, 3, 4, 5, 7]);
      });

      it('loses nothing by a later message with the same key, but by a bound', async () => {
        await append('a1', { ...latest, count: 2 }, { key: 'a' });
        await append('b1', { ...latest, count: 2 }, { key: 'b' });
        await append('a2', { ...latest, count: 2 }, { key: 'a' });
        expect(await read()).toMatchObject({ isWhole: true, entries: [{ body: 'b1' }, { body: 'a2' }] });
        await append('c1', { ...latest, count: 2 }, { key: 'c' });
        expect(await read()).toMatchObject({ isWhole: false, entries: [{ body: 'a2' }, { body: 'c1' }] });
        expect((await read({ after: 2 })).isWhole).toBe(true);
        expect((await read({ after: 1 })).isWhole).toBe(false);
        // A key whose message was lost begins again.
        await append('b2', { ...latest, count: 3 }, { key: 'b' });
        expect(await bodies()).toEqual(['a2', 'c1', 'b2']);
      });

      it('frees the bytes of what was superseded', async () => {
        for (let i = 0; i < 50; i++)
          await append('x'.repeat(90), { ...latest, bytes: 200 }, { key: `${i % 2}` });
        expect(await read()).toMatchObject({ isWhole: true, entries: { length: 2 } });
      });

      it('holds for messages that came before it was asked for, and ends with it', async () => {
        for (const text of ['1', '2', '3']) await append(text, {}, { key: 'k' });
        expect(await bodies()).toEqual(['1', '2', '3']);
        await append('other', latest, { key: 'o' });
        expect(await read()).toMatchObject({ isWhole: true, entries: [{ body: '3' }, { body: 'other' }] });
        await append('4', {}, { key: 'k' });
        await append('5', {}, { key: 'k' });
        expect(await bodies()).toEqual(['3', 'other', '4', '5']);
        await append('6', latest, { key: 'k' });
        expect(await bodies()).toEqual(['other', '6']);
      });

      it('keeps one of a key that is written over and over, and finds it', async () => {
        await append('still', latest, { key: 'still' });
        await Promise.all(Array.from({ length: 1_000 }, (_, i) => append(`${i}`, latest, { key: 'busy' })));
        expect(await bodies()).toEqual(['still', '999']);
        expect(await offsets({ after: 1 })).toEqual([1_001]);
        expect(await offsets({ before: 1_001, order: 'newest' })).toEqual([1]);
      });
    });

    describe('reads', () => readsContract({ append, read, offsets }));

    it('does what the model does, whatever is appended, read, removed and waited for', async () => {
      await behavesLikeTheModel(subject.log, (ms) => subject.pass(ms), cases);
    });
  });
}
