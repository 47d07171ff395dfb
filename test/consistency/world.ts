import type { ClientState } from '../../lib/client/client-states.js';
import { FakeClock } from '../support/fake-clock.js';
import { Endings } from './endings.js';
import { FaultProxy } from './fault-proxy.js';
import { finalChecks } from './final-checks.js';
import { History, type SentKind } from './history.js';
import { Inbox } from './inbox.js';
import type { Defect, Encounters, Outcome } from './outcome.js';
import { type Ambush, type Fault, isFault, type Operation, type Schedule, type Step } from './operations.js';
import { Page } from './page.js';
import type { Disk } from './page-storage.js';
import { Platform } from './platform.js';
import type { ServerLife } from './server-life.js';
import { ServerLives } from './server-lives.js';

/** Time moves in steps of this many milliseconds, and what is under way arrives between them. */
const stepMs = 1_000;
/** Turns of the event loop without anything moving, after which nothing will. */
const calmTurns = 5;
const mostTurns = 400;
/** Steps of time after which a whole network must have brought everything about. */
const mostSteps = 120;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One client, one server, and what is between them, for one schedule. */
export class World {
  readonly clock = new FakeClock();
  readonly history: History;
  readonly inboxes: Inbox[] = [];
  proxy!: FaultProxy;
  page!: Page;
  readonly #schedule: Schedule;
  readonly #defect: Defect;
  readonly #disk: Disk = new Map();
  readonly #encounters: Encounters = new Map();
  readonly #platform = new Platform();
  /** Ends of servers and clients that are still under way. */
  readonly #endings = new Endings((problem) => this.history.violated(problem));
  readonly #servers: ServerLives;
  #ambushes: Ambush[] = [];
  #faults = 0;
  #wasClosed = false;
  /** The schedule is over: nothing goes wrong any more. */
  #isWhole = false;

  private constructor(schedule: Schedule, defect: Defect, isTracing: boolean) {
    this.#schedule = schedule;
    this.#defect = defect;
    this.history = new History(isTracing);
    const { history, clock } = this;
    this.#servers = new ServerLives({ history, clock, endings: this.#endings });
  }

  get server(): ServerLife | null {
    return this.#servers.current;
  }

  /** Runs a schedule from its beginning until everything is settled, and says what was wrong. */
  static async run(schedule: Schedule, defect: Defect = {}, isTracing = false): Promise<Outcome> {
    const world = new World(schedule, defect, isTracing);
    await world.#begin();
    try {
      for (const operation of schedule.operations) await world.#operate(operation);
      await world.#converge();
    } catch (error) {
      world.history.violated(`the schedule has failed: ${String((error as Error).stack)}`);
    }
    await world.#end();
    const sum = (count: (inbox: Inbox) => number): number =>
      world.inboxes.reduce((total, inbox) => total + count(inbox), 0);
    return {
      violations: world.history.violations,
      encounters: world.#encounters,
      trace: world.history.trace,
      faults: world.#faults,
      opens: sum(({ opens }) => opens),
      resumes: sum(({ resumes }) => resumes),
      recoveries: sum(({ recoveries }) => recoveries),
    };
  }

  /** Errors that only some schedules can bring about. */
  mayFail(code: string, kind: SentKind): boolean {
    const { outbox } = this.#schedule.options;
    if (code === 'OUTBOX_FULL') return outbox < 1_000;
    // The application has closed the client, or a stream has lost its items with a session.
    if (code === 'DISCONNECTED') return this.#wasClosed || kind === 'stream';
    return false;
  }

  /** Until nothing moves: every hop of bytes shows at the proxy. */
  async settle(): Promise<void> {
    let seen = -1;
    for (let calm = 0, turns = 0; calm < calmTurns && turns < mostTurns; calm++, turns++) {
      if (seen !== this.proxy.activity) calm = 0;
      seen = this.proxy.activity;
      await turn();
    }
  }

  async #begin(): Promise<void> {
    this.proxy = await FaultProxy.start(() => this.server?.port ?? null);
    await this.#servers.start();
    this.#loadPage();
  }

  async #operate({ act, turns }: Operation): Promise<void> {
    this.history.note(() => `--- ${JSON.stringify(act)} [${this.page.client.state}]`);
    if (isFault(act)) this.#fault(act);
    else if (act.do === 'when') this.#ambushes.push(act);
    else if (act.do === 'time') await this.#time(act.ms);
    else if (act.do === 'settle') await this.settle();
    else this.#step(act);
    for (let left = turns; left > 0; left--) await turn();
  }

  // eslint-disable-next-line complexity -- one line for each kind of step
  #step(step: Exclude<Step, { do: 'time' | 'settle' }>): void {
    const { page, server } = this;
    switch (step.do) {
      case 'emit':
        return page.emit(step.isSlow ? 'slow' : 'put');
      case 'request':
        return page.request(step.isSlow ? 'slow' : 'put', step.isPatient);
      case 'abort':
        return page.abort();
      case 'volatile':
        return page.volatile();
      case 'stream':
        return page.stream(step.items, step.isPaced);
      case 'leave':
        return page.leave();
      case 'subscribe':
        return page.subscribe(step.room);
      case 'unsubscribe':
        return page.unsubscribe(step.room);
      case 'publish':
        return page.publish(step.room);
      case 'connect':
        return page.connect();
      case 'heal':
        return this.#heal();
      case 'tick':
        for (let left = step.count; left > 0; left--) server?.tick(step.isVolatile);
        return;
      case 'broadcast':
        return server?.broadcast(step.room);
      case 'ask':
        return server?.ask();
      case 'release':
        return server?.release();
    }
  }

  #fault(fault: Fault): void {
    const cell = `${fault.do}@${this.page.client.state}`;
    this.#encounters.set(cell, (this.#encounters.get(cell) ?? 0) + 1);
    this.#faults++;
    switch (fault.do) {
      case 'refuse':
        this.proxy.isRefusing = true;
        return;
      case 'drain':
        return this.#servers.drain();
      case 'crash':
        return this.#servers.crash(() => {
          for (const link of [...this.proxy.links]) link.dropServer();
        });
      case 'reload':
        if (fault.isTold) this.#platform.tell('leaving');
        return this.#reload();
      case 'close':
        this.#wasClosed = true;
        return this.#endings.add(this.page.close());
      case 'offline':
        return this.#platform.tell('offline');
      default:
        this.proxy.spoil((link) => {
          if (fault.do === 'resetSide') link.resetSide(fault.side);
          else if (fault.do === 'cutAfter') link.cutAfter(fault.direction, fault.bytes);
          else if (fault.do === 'hold') link.hold(fault.direction);
          else link[fault.do]();
        });
    }
  }

  #stateChanged(page: Page, state: ClientState): void {
    if (page !== this.page) return;
    this.history.note(() => `page ${page.number} is ${state}`);
    if (state === 'closed' && !page.wasClosed) this.#endedByServer(page);
    const at = this.#ambushes.findIndex((ambush) => ambush.state === state);
    const [ambush] = at === -1 ? [] : this.#ambushes.splice(at, 1);
    if (ambush === undefined) return;
    queueMicrotask(() => {
      if (this.#isWhole) return;
      this.history.note(() => `--- ambush: ${JSON.stringify(ambush.fault)} [${this.page.client.state}]`);
      this.#fault(ambush.fault);
    });
  }

  /** A `$hello` that was held back on its way, and comes after that of the next connection, takes its place: the client is told with 4409. */
  #endedByServer(page: Page): void {
    const { closed } = page.client.status;
    if (closed?.code !== 4409)
      return this.history.violated(`page ${page.number} has ended with ${closed?.code}: ${closed?.reason}`);
    this.#wasClosed = true;
    page.ended();
  }

  async #time(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(left, stepMs));
      await this.settle();
    }
  }

  #heal(): void {
    this.proxy.heal();
    this.#platform.tell('online');
  }

  #reload(): void {
    this.page.kill();
    this.#platform.forget();
    this.#loadPage();
  }

  #loadPage(): void {
    const { history, clock } = this;
    const { options } = this.#schedule;
    const number = this.inboxes.length + 1;
    const inbox = new Inbox(number, history, clock);
    this.inboxes.push(inbox);
    const page = new Page({
      number,
      url: `ws://127.0.0.1:${this.proxy.port}`,
      options,
      history,
      inbox,
      clock,
      environment: this.#platform,
      disk: options.hasStorage ? this.#disk : null,
      aroundConnect: this.#defect.aroundConnect,
    });
    this.page = page;
    page.client.when('state', ({ state }) => this.#stateChanged(page, state));
  }

  /** The network is whole, and handlers answer: everything has to find its end. */
  async #converge(): Promise<void> {
    this.history.note(() => '=== the network is whole');
    this.#isWhole = true;
    this.#ambushes = [];
    this.#heal();
    for (let steps = 0; steps < mostSteps; steps++) {
      if (this.server !== null) {
        this.server.isReleased = true;
        this.server.release();
      }
      await this.settle();
      const { client } = this.page;
      if (client.state === 'idle' || client.state === 'closed') this.page.connect();
      const isDeaf = this.proxy.links.some((link) => link.isDeaf);
      const isSettled = client.pending === 0 && this.history.open.length === 0;
      const isWhole = !isDeaf && client.state === 'open' && isSettled;
      if (isWhole && this.#endings.size === 0 && this.server?.asking === 0) break;
      await this.#time(stepMs);
    }
    await finalChecks(this);
  }

  async #end(): Promise<void> {
    const { page, history } = this;
    this.#endings.add(page.close());
    for (let steps = 0; steps < 20 && this.#endings.size > 0; steps++) await this.#time(stepMs);
    if (page.clock.timers > 0) history.violated(`${page.clock.timers} timers are left after close()`);
    if (this.server !== null) this.#endings.add(this.server.stop());
    for (let steps = 0; steps < 20 && this.#endings.size > 0; steps++) await this.#time(stepMs);
    if (this.#endings.size > 0) history.violated('the end does not come');
    for (const session of history.sessions)
      if (session.disconnects !== 1)
        history.violated(`handleDisconnect ran ${session.disconnects} times for a session that is over`);
    page.kill();
    await this.proxy.stop();
  }
}
