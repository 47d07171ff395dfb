import fc from 'fast-check';
import { type ClientState, clientStates } from '../../lib/client/client-states.js';
import type { Fault, Operation, Schedule, ScheduleOptions, Step } from './operations.js';

export const rooms = ['lobby', 'stock.acme', 'stock.zeta'] as const;

const room = fc.constantFrom(...rooms);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('emit' as const), isSlow: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      isSlow: fc.boolean(),
      isPatient: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'abort' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'volatile' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('stream' as const),
      items: fc.integer({ min: 0, max: 5 }),
      isPaced: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'leave' }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('tick' as const),
      count: fc.constantFrom(1, 1, 1, 2, 5, 60),
      isVolatile: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('broadcast' as const), room }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'ask' }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), room }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('publish' as const), room }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'release' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'connect' }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('time' as const),
      ms: fc.constantFrom(20, 260, 260, 1_000, 1_000, 3_000, 12_000, 45_000),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'heal' }) },
  { weight: 6, arbitrary: fc.constant<Step>({ do: 'settle' }) },
);

const direction = fc.constantFrom('up' as const, 'down' as const);

/** Those that a session survives come more often than those that end it. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.constantFrom<Fault>(
      { do: 'reset' },
      { do: 'finish' },
      { do: 'halfOpen' },
      { do: 'holdEnds' },
      { do: 'refuse' },
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('resetSide' as const),
      side: fc.constantFrom('client' as const, 'server' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('cutAfter' as const),
      direction,
      bytes: fc.integer({ min: 0, max: 600 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('hold' as const), direction }) },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Fault>(
      { do: 'drain' },
      { do: 'crash' },
      { do: 'reload', isTold: false },
      { do: 'reload', isTold: true },
      { do: 'close' },
      { do: 'offline' },
    ),
  },
);

/** Those that chance seldom finds more often. */
const states: readonly ClientState[] = [
  ...(Object.keys(clientStates) as ClientState[]),
  'authenticating',
  'draining',
  'draining',
  'closed',
];

const turns = fc.constantFrom(0, 0, 1, 2, 3, 5, 8);

const spoiled: fc.Arbitrary<Operation> = fc.record({
  act: fc.oneof<fc.Arbitrary<Operation['act']>[]>(
    fault,
    fc.record({ do: fc.constant('when' as const), state: fc.constantFrom(...states), fault }),
  ),
  turns,
});

const at = (turns: number, ...acts: readonly Operation['act'][]): Operation[] =>
  acts.map((act) => ({ act, turns }));

const slowEmit: Step = { do: 'emit', isSlow: true };

const drained = fault.map((then): Operation[] => [
  ...at(0, slowEmit, { do: 'settle' }, { do: 'when', state: 'draining', fault: then }),
  ...at(5, { do: 'drain' }),
]);

const offline = fault.map((then): Operation[] => [
  ...at(0, { do: 'offline' }, { do: 'settle' }, { do: 'when', state: 'offline', fault: then }),
  ...at(5, { do: 'reset' }),
]);

/** A connection seems to live to the server while the next page has another: what was held back on the first comes at last. */
const superseded = fc
  .boolean()
  .map((isTold): Operation[] =>
    at(
      0,
      { do: 'connect' },
      { do: 'settle' },
      { do: 'hold', direction: 'up' },
      { do: 'volatile' },
      { do: 'request', isSlow: false, isPatient: false },
      { do: 'settle' },
      { do: 'reload', isTold },
      { do: 'connect' },
      { do: 'settle' },
      { do: 'time', ms: 1_000 },
      { do: 'volatile' },
      { do: 'emit', isSlow: false },
      { do: 'settle' },
      { do: 'heal' },
      { do: 'settle' },
    ),
  );

/** What brings about what chance seldom finds. */
const scene = fc.oneof(
  { weight: 2, arbitrary: drained },
  { weight: 1, arbitrary: offline },
  { weight: 1, arbitrary: superseded },
);

/** At least 27 steps, and between them at least 5 faults: 3 of which are no ambush, which may find nobody. */
const operations: fc.Arbitrary<readonly Operation[]> = fc
  .tuple(
    fc.array(fc.record({ act: step, turns }), { minLength: 27, maxLength: 40, size: 'max' }),
    fc.array(fc.tuple(fc.nat(1_000), fc.record({ act: fault, turns })), { minLength: 3, maxLength: 5 }),
    fc.array(fc.tuple(fc.nat(1_000), spoiled), { minLength: 2, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(1_000), scene), { maxLength: 1 }),
  )
  .map(([steps, faults, more, scenes]) => {
    const all: Operation[] = [...steps];
    for (const [at, operation] of [...faults, ...more]) all.splice(at % (all.length + 1), 0, operation);
    for (const [at, scripted] of scenes) all.splice(at % (all.length + 1), 0, ...scripted);
    return all;
  });

const options: fc.Arbitrary<ScheduleOptions> = fc.record({
  hasStorage: fc.boolean(),
  autoConnect: fc.constantFrom(true, true, true, false),
  idleMs: fc.constantFrom<(number | false)[]>(false, false, 2_000),
  outbox: fc.constantFrom(1_000, 1_000, 1_000, 6),
  whenFull: fc.constantFrom('refuse', 'drop-oldest', 'drop-newest'),
});

export const schedules: fc.Arbitrary<Schedule> = fc.record({ options, operations });
