import fc from 'fast-check';

import type { SessionChange, SessionStore, StoredSession } from '../../lib/store/session-store.js';
import { NaiveSessionStore } from './naive-session-store.js';
import { expectKept, latest } from './session-expectations.js';

const tokenHash = 'hash';

/** Random steps on a driver and on the model. On a difference fast-check tells seed and steps, as few as will do. */
export async function behavesLikeTheSessionModel(
  subject: SessionStore,
  reopen: (() => Promise<SessionStore>) | undefined,
  cases: number,
): Promise<void> {
  let run = 0;
  let store = subject;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (steps) => {
      const model = new NaiveSessionStore();
      const prefix = `run ${run++} `;
      const mine = (sessions: readonly StoredSession[]) =>
        new Map(
          sessions.filter(({ record }) => record.id.startsWith(prefix)).map((one) => [one.record.id, one]),
        );
      const pending: Promise<void>[] = [];
      for (const next of steps) {
        const id = prefix + next.session;
        if (next.kind === 'reopen') {
          await Promise.all(pending);
          store = (await reopen?.()) ?? store;
        } else if (next.kind === 'adopt') {
          const expected = mine(model.adopt(next.owner));
          const got = mine(await store.adopt(next.owner));
          expect([...got.keys()].sort()).toEqual([...expected.keys()].sort());
          for (const [one, session] of got) expectKept(session, expected.get(one));
        } else if (next.kind === 'claim') {
          const hash = next.isWrong ? 'wrong' : tokenHash;
          const expected = model.claim(id, hash, next.owner);
          expectKept(await store.claim(id, hash, next.owner), expected);
        } else {
          const change = changeOf(next, id, model);
          const expected = faultOf(() => model.write(id, next.owner, change));
          pending.push(asyncFaultOf(store, id, next.owner, change).then((got) => expect(got).toBe(expected)));
        }
      }
      await Promise.all(pending);
      for (const [id] of mine(await store.adopt('last'))) await store.write(id, 'last', { end: true });
    }),
    { numRuns: cases },
  );
}

const owner = fc.constantFrom('one', 'one', 'one', 'two');
const session = fc.constantFrom('a', 'a', 'ü\ud83d\ude00');
const rarely = fc.nat(9).map((one) => one === 0);
const outcome = fc.oneof(
  fc.constant({ event: 'e', kind: 'running' as const }),
  fc.record({ event: fc.string(), kind: fc.constant('value' as const), json: fc.json() }),
);
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      session,
      owner,
      begins: rarely,
      ends: fc.nat(19).map((one) => one === 0),
      rooms: fc.option(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 })),
      remembers: fc.constantFrom(0, 1, 3, 50),
      batches: fc.array(
        fc.record({ skipped: fc.constantFrom(0, 0, 0, 2), count: fc.integer({ min: 1, max: 3 }) }),
        { maxLength: 3 },
      ),
      frames: fc.uint8Array({ maxLength: 40 }),
      beyond: fc.constantFrom(0, 0, 3),
      forget: fc.option(fc.nat(4)),
      settled: fc.array(fc.record({ again: fc.option(fc.nat(4)), isText: fc.boolean(), outcome }), {
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), session, owner, isWrong: rarely }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('adopt' as const), session, owner }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), session }) },
);
type WriteStep = Extract<typeof step extends fc.Arbitrary<infer Step> ? Step : never, { kind: 'write' }>;

/** A change as a server makes it: numbers go up, and what is settled anew is among the latest. */
function changeOf(next: WriteStep, id: string, model: NaiveSessionStore): SessionChange {
  const now = model.look(id);
  const begins = now === undefined || next.begins;
  let last = begins ? 0 : now.last;
  const sent = next.batches.map(({ skipped, count }) => {
    const first = last + skipped + 1;
    last = first + count - 1;
    return { first, count, frames: next.frames };
  });
  const remembers = begins ? next.remembers : now.record.remembers;
  const ids = begins ? [] : now.settled.map((one) => one.id);
  const settled = next.settled.map(({ again, isText, outcome }) => {
    const known = again === null ? undefined : latest(ids, remembers).at(-1 - again);
    if (known !== undefined) return { id: known, outcome };
    const fresh = isText ? String(ids.length) : ids.length;
    ids.push(fresh);
    return { id: fresh, outcome };
  });
  return {
    ...(begins && {
      begin: { id, tokenHash, endpoint: '/', encoding: 'json', url: '/?a', remembers },
    }),
    ...(next.rooms !== null && { rooms: next.rooms }),
    ...(sent.length > 0 && { sent }),
    ...(next.beyond > 0 && { last: last + next.beyond }),
    ...(next.forget !== null && { forget: Math.max(0, last - next.forget) }),
    ...(settled.length > 0 && { settled }),
    ...(next.ends && { end: true }),
  };
}

function faultOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { fault: string }).fault;
  }
}

async function asyncFaultOf(
  store: SessionStore,
  id: string,
  owner: string,
  change: SessionChange,
): Promise<string | undefined> {
  try {
    await store.write(id, owner, change);
    return undefined;
  } catch (error) {
    return (error as { fault: string }).fault;
  }
}
