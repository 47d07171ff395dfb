import type { Client } from '../client-api.js';
import type { AnyContract, Contract } from '../contract.js';
import { hold } from './lifeline.js';
import { errorBody, type Port, type WorkerMessage } from './messages.js';
import { Tab, type TabOwner } from './tab.js';

/** What is used of a worker's global object. */
export interface SharedWorkerScope {
  onconnect?: ((event: { readonly ports: readonly Port[] }) => void) | null;
}

/** What a worker knows of its pages. */
export interface ServedClient {
  /** Pages that are there. */
  readonly tabs: number;
}

/**
 * Lets all pages that connect to this `SharedWorker` use one client. Call it before anything is waited for.
 *
 * @example
 * // worker.ts
 * serveClient(createClient<Chat>({ url: '/chat' }));
 */
export function serveClient<C extends Contract>(
  client: Client<C>,
  scope: SharedWorkerScope = globalThis as SharedWorkerScope,
): ServedClient {
  const server = new ClientServer(client as unknown as Client<AnyContract>);
  scope.onconnect = ({ ports }) => {
    for (const port of ports) server.join(port);
  };
  return server;
}

class ClientServer implements ServedClient, TabOwner {
  readonly client: Client<AnyContract>;
  readonly #tabs = new Set<Tab>();
  /** Pages that hear an event: all through one listener, so that the first answer of any is the answer. */
  readonly #hearers = new Map<string, { readonly tabs: Set<Tab>; readonly end: () => void }>();
  #lock: string | undefined;

  constructor(client: Client<AnyContract>) {
    this.client = client;
    client.when('state', () => this.#tellAll(this.#status()));
    client.when('open', (opened) => this.#tellAll({ op: 'open', ...opened }));
    client.when('gap', (gap) => this.#tellAll({ op: 'gap', gap }));
    client.when('error', (error) => this.#tellAll({ op: 'error', error: errorBody(error) }));
    hold((lock) => {
      this.#lock = lock;
      this.#tellAll({ op: 'holds', lock });
    });
  }

  get tabs(): number {
    return this.#tabs.size;
  }

  join(port: Port): void {
    const tab = new Tab(port, this);
    tab.listen();
  }

  joined(tab: Tab): void {
    this.#tabs.add(tab);
    if (this.#lock !== undefined) tab.tell({ op: 'holds', lock: this.#lock });
    tab.tell(this.#status());
  }

  left(tab: Tab): void {
    this.#tabs.delete(tab);
    for (const event of this.#hearers.keys()) this.unhear(tab, event);
  }

  hear(tab: Tab, event: string): void {
    let hearers = this.#hearers.get(event);
    if (hearers === undefined) {
      const tabs = new Set<Tab>();
      const end = this.client.on(event, ((data: unknown, isAsked?: boolean) =>
        isAsked === true ? firstAnswer(tabs, event, data) : tellEvent(tabs, event, data)) as never);
      hearers = { tabs, end };
      this.#hearers.set(event, hearers);
    }
    hearers.tabs.add(tab);
  }

  unhear(tab: Tab, event: string): void {
    const hearers = this.#hearers.get(event);
    if (hearers?.tabs.delete(tab) !== true || hearers.tabs.size > 0) return;
    hearers.end();
    this.#hearers.delete(event);
  }

  #status(): WorkerMessage {
    const { status, session } = this.client;
    return { op: 'status', status, session };
  }

  #tellAll(message: WorkerMessage): void {
    for (const tab of this.#tabs) tab.tell(message);
  }
}

function tellEvent(tabs: ReadonlySet<Tab>, event: string, data: unknown): void {
  for (const tab of tabs) tab.tell({ op: 'event', event, data });
}

/** The first answer that is one; an error only where there is none. */
function firstAnswer(tabs: ReadonlySet<Tab>, event: string, data: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let missing = tabs.size;
    let failure: Error | undefined;
    const none = (): void => {
      if (--missing > 0) return;
      if (failure === undefined) resolve(undefined);
      else reject(failure);
    };
    for (const tab of [...tabs])
      tab.ask(event, data).then(
        (answer) => (answer == null ? none() : resolve(answer)),
        (error: unknown) => {
          failure ??= error as Error;
          none();
        },
      );
  });
}
