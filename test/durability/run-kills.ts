import { join } from 'node:path';
import Database from 'libsql';
import { type Mode, type Sent, Witness } from './witness.js';
import { Mortals, type StoreKind } from './mortals.js';

/** What a run has seen. */
export interface KillReport {
  readonly store: StoreKind;
  readonly seed: number;
  readonly kills: number;
  readonly deathsInside: number;
  readonly sent: number;
  readonly heard: number;
  readonly resumes: number;
  /** Messages that were handled more than once: possible in the mode `after` alone. */
  readonly repeatedEffects: number;
  /** Messages whose effect was in one transaction with what became of them. */
  readonly orders: number;
  /** Messages whose fate nobody knows: possible in the mode `before` alone. */
  readonly unknown: number;
  readonly violations: readonly string[];
}

export interface KillSettings {
  readonly seed: number;
  readonly kills: number;
  readonly clients?: number;
  readonly mutant?: string;
  /** @default 'sqlite' */
  readonly store?: StoreKind;
  /** How messages are handled. */
  readonly modes?: readonly Mode[];
}

/** Few transactions: they have one connection to their database, and wait for one another. */
const allModes: readonly Mode[] = ['after', 'after', 'before', 'before', 'transaction'];

/** Kills a server again and again under clients that send and listen, and counts what it has done to the world. */
export async function runKills({
  seed,
  kills,
  clients = 4,
  mutant = '',
  store = 'sqlite',
  modes = allModes,
}: KillSettings): Promise<KillReport> {
  const random = randomFrom(seed);
  const mortals = new Mortals(mutant, store);
  await mortals.open();
  const witnesses: Witness[] = [];
  let n = 0;
  const send = (): void => {
    const witness = witnesses[Math.floor(random() * witnesses.length)];
    const mode = modes[Math.floor(random() * modes.length)] as Mode;
    const pauses = [0, 0, 0].map(() => (random() < 0.5 ? 0 : Math.floor(random() * 6)));
    if (witness !== undefined && witness.waiting < 32) witness.send(++n, mode, pauses);
  };
  try {
    const firstLife = mortals.live({ steps: Infinity, ms: 400 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let i = 0; i < clients; i++) witnesses.push(new Witness(`client ${i + 1}`, mortals.url));
    await Promise.all(witnesses.map((witness) => witness.open()));
    const sending = setInterval(send, 1);
    await firstLife;
    for (let kill = 1; kill < kills; kill++) {
      await mortals.live(
        random() < 0.1
          ? { steps: Infinity, ms: 400 + Math.floor(random() * 400) }
          : { steps: 1 + Math.floor(random() ** 2 * 120), ms: 20 + Math.floor(random() * 120) },
      );
      if (witnesses.some(({ violations }) => violations.length > 0)) break;
    }
    clearInterval(sending);
    await mortals.live();
    await allSettled(witnesses);
    const orders = countEffects(join(mortals.folder, 'orders.db'));
    await allTold(witnesses, orders.size);
    return report({ seed, store }, mortals, witnesses, orders);
  } finally {
    await Promise.all(witnesses.map((witness) => witness.close()));
    await mortals.close();
  }
}

async function allSettled(witnesses: readonly Witness[]): Promise<void> {
  const until = performance.now() + 30_000;
  while (witnesses.some(({ waiting }) => waiting > 0) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What is committed is sent by whoever lives then. */
async function allTold(witnesses: readonly Witness[], orders: number): Promise<void> {
  const until = performance.now() + 10_000;
  while (witnesses.some(({ placed }) => placed.size < orders) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

function report(
  run: { readonly seed: number; readonly store: StoreKind },
  mortals: Mortals,
  witnesses: readonly Witness[],
  orders: ReadonlyMap<number, number>,
): KillReport {
  const others = countEffects(join(mortals.folder, 'effects.db'));
  const effects = new Map([...others, ...orders]);
  const sent = witnesses.flatMap((witness) => witness.sent);
  const violations = [
    ...mortals.troubles,
    ...witnesses.flatMap((witness) => witness.violations),
    ...sent.flatMap((message) => judge(message, effects.get(message.n) ?? 0)),
    ...witnesses.flatMap(({ name, placed }) => judgePlaced(name, placed, orders)),
  ];
  const sum = (of: (witness: Witness) => number): number => witnesses.reduce((all, one) => all + of(one), 0);
  return {
    ...run,
    kills: mortals.lives - 1,
    deathsInside: mortals.deathsInside,
    sent: sent.length,
    heard: sum(({ heard }) => heard),
    resumes: sum(({ resumes }) => resumes),
    orders: orders.size,
    repeatedEffects: [...effects.values()].filter((count) => count > 1).length,
    unknown: sent.filter(({ fate }) => fate === 'OUTCOME_UNKNOWN').length,
    violations,
  };
}

function judge({ n, mode, fate }: Sent, effects: number): string[] {
  const said = `${n} (${mode}) ended with ${fate} and ${effects} effects`;
  if (fate === 'open') return [`${n} (${mode}) never ended`];
  if (mode === 'transaction') return fate === 'ok' && effects === 1 ? [] : [said];
  if (mode === 'after') return fate === 'ok' && effects >= 1 ? [] : [said];
  if (fate === 'OUTCOME_UNKNOWN') return effects <= 1 ? [] : [said];
  return fate === 'ok' && effects === 1 ? [] : [said];
}

/** Everybody is told of an order if and only if it was placed. */
function judgePlaced(
  name: string,
  placed: ReadonlySet<number>,
  orders: ReadonlyMap<number, number>,
): string[] {
  const missing = [...orders.keys()].filter((n) => !placed.has(n));
  const invented = [...placed].filter((n) => !orders.has(n));
  return [
    ...missing.map((n) => `${name} was never told of order ${n}`),
    ...invented.map((n) => `${name} was told of order ${n}, which there is not`),
  ];
}

function countEffects(file: string): Map<number, number> {
  const database = new Database(file);
  const rows = database.prepare('SELECT n, count(*) AS count FROM effects GROUP BY n').all() as {
    n: number;
    count: number;
  }[];
  database.close();
  return new Map(rows.map(({ n, count }) => [n, count]));
}

/** A linear congruential generator (Numerical Recipes). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
