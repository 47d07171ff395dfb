import fc from 'fast-check';
import { clientStates } from '../../lib/client/client-states.js';
import { faultNames, type Schedule } from './operations.js';
import { schedules } from './schedule.arbitrary.js';
import type { Defect, Outcome } from './outcome.js';
import { World } from './world.js';

/** Schedules that are made with one seed: `seed:place` names each. */
export const groupSize = 100;
/** Schedules that run at once: while one waits for the network another works. */
const width = 8;
/** How long a smaller failure is looked for. */
const shrinkMs = 20_000;

/** What a run of schedules has shown. */
export class Report {
  runs = 0;
  faults = 0;
  operations = 0;
  /** Of any schedule. */
  leastFaults = Infinity;
  leastOperations = Infinity;
  opens = 0;
  resumes = 0;
  recoveries = 0;
  readonly encounters = new Map<string, number>();
  failure: Failure | undefined = undefined;

  add({ operations }: Schedule, outcome: Outcome): void {
    this.runs++;
    this.faults += outcome.faults;
    this.operations += operations.length;
    this.leastFaults = Math.min(this.leastFaults, outcome.faults);
    this.leastOperations = Math.min(this.leastOperations, operations.length);
    this.opens += outcome.opens;
    this.resumes += outcome.resumes;
    this.recoveries += outcome.recoveries;
    for (const [cell, count] of outcome.encounters)
      this.encounters.set(cell, (this.encounters.get(cell) ?? 0) + count);
  }

  /** Faults that have never met a state. */
  get missing(): string[] {
    return cells().filter((cell) => !this.encounters.has(cell));
  }

  /** How often each fault has met each state of the client. */
  table(): string {
    const states = Object.keys(clientStates);
    const row = (name: string, values: readonly string[]): string =>
      name.padEnd(10) + values.map((value) => value.padStart(15)).join('');
    const rows = faultNames.map((fault) =>
      row(
        fault,
        states.map((state) => String(this.encounters.get(`${fault}@${state}`) ?? 0)),
      ),
    );
    return [row('', states), ...rows].join('\n');
  }

  summary(): string {
    const { runs, operations, faults, opens, resumes, recoveries } = this;
    return `${runs} schedules, ${operations} operations, ${faults} faults, ${opens} connections: ${resumes} resumed, ${recoveries} recovered`;
  }
}

export interface Failure {
  /** `seed:place`. */
  readonly name: string;
  readonly violations: readonly string[];
  readonly schedule: Schedule;
}

function cells(): string[] {
  return faultNames.flatMap((fault) => Object.keys(clientStates).map((state) => `${fault}@${state}`));
}

export interface RunSettings {
  readonly seed: number;
  readonly count: number;
  /** Made for each schedule. */
  readonly defect?: (() => Defect) | undefined;
  /** Called as each schedule has ended. */
  readonly ran?: (report: Report) => void;
}

/** The schedules of a seed. */
function schedulesOf(seed: number): Schedule[] {
  return fc.sample(schedules, { seed, numRuns: groupSize });
}

/** Runs schedules until one fails, several at once. */
export async function runSchedules({ seed, count, defect = () => ({}), ran }: RunSettings): Promise<Report> {
  const report = new Report();
  const next = named(seed, count);
  const work = async (): Promise<void> => {
    for (const [name, schedule] of next) {
      if (report.failure !== undefined) return;
      const outcome = await World.run(schedule, defect());
      report.add(schedule, outcome);
      ran?.(report);
      if (outcome.violations.length > 0)
        report.failure ??= { name, schedule, violations: outcome.violations };
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return report;
}

/** How often one schedule is run again: whether it fails may hang on how the system delivers bytes. */
const replays = 20;

/** Runs one schedule by its name until it fails. */
export async function replay(name: string): Promise<Report> {
  const [seed = NaN, place = NaN] = name.split(':').map(Number);
  const schedule = schedulesOf(seed)[place];
  if (schedule === undefined) throw new Error(`${name} names no schedule: <seed>:<place below ${groupSize}>`);
  const report = new Report();
  while (report.runs < replays && report.failure === undefined) {
    const outcome = await World.run(schedule);
    report.add(schedule, outcome);
    const { violations } = outcome;
    if (violations.length > 0) report.failure = { name, schedule, violations };
  }
  return report;
}

/** One iterator that all who work take from. */
function* named(seed: number, count: number): Generator<readonly [name: string, schedule: Schedule]> {
  for (let at = 0, group: Schedule[] = []; at < count; at++) {
    const place = at % groupSize;
    const groupSeed = seed + Math.floor(at / groupSize);
    if (place === 0) group = schedulesOf(groupSeed);
    yield [`${groupSeed}:${place}`, group[place] as Schedule];
  }
}

/** Leaves out what a failure does not need; fast-check does the search. Gives what is left, told step by step. */
export async function shrunk({ schedule }: Failure, defect: () => Defect = () => ({})): Promise<string> {
  const places = schedule.operations.map((_, at) => at);
  const part = (keep: readonly number[]): Schedule => ({
    ...schedule,
    operations: keep.map((at) => schedule.operations[at] as Schedule['operations'][number]),
  });
  const until = Date.now() + shrinkMs;
  const fails = async (keep: readonly number[]): Promise<boolean> => {
    if (Date.now() > until) return false;
    // It may hang on how the system delivers bytes.
    for (let tries = 0; tries < 3; tries++)
      if ((await World.run(part(keep), defect())).violations.length > 0) return true;
    return false;
  };
  const details = await fc.check(
    fc.asyncProperty(fc.subarray(places), async (keep) => !(await fails(keep))),
    { numRuns: 1, examples: [[places]] },
  );
  const least = part(details.counterexample?.[0] ?? places);
  for (let tries = 0; tries < 5; tries++) {
    const { violations, trace } = await World.run(least, defect(), true);
    if (violations.length > 0) return [JSON.stringify(least.options), ...(trace ?? [])].join('\n');
  }
  return `not reproduced: ${JSON.stringify(least)}`;
}
