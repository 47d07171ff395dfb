import type { Client } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import { createClient, pipeline } from '../../lib/client/index.js';
import { deduplicate } from '../../lib/client/stages/index.js';

/** How a message is to be handled, by the name of its handler. */
export type Mode = 'after' | 'before' | 'transaction';

/** A message, and what its sender was told. */
export interface Sent {
  readonly n: number;
  readonly mode: Mode;
  /** `open`, `ok`, or the code of an error. */
  fate: string;
}

interface Numbered {
  readonly life: number;
  readonly number: number;
}

/** A client that remembers what it was told, and notices what cannot be. */
export class Witness {
  readonly name: string;
  readonly sent: Sent[] = [];
  readonly violations: string[] = [];
  /** How often it was told that messages of a room, or of its session, are missing. */
  readonly gaps: string[] = [];
  resumes = 0;
  heard = 0;
  readonly #client: Client<AnyContract>;
  readonly #told = new Sequence('told');
  readonly #logged = new Sequence('logged');
  readonly #done = new Set<string>();
  /** The orders that it was told of. */
  readonly placed = new Set<number>();
  /** By life, the last number of what it was told. */
  #lastTold: Numbered = { life: 0, number: 0 };

  constructor(name: string, url: string) {
    this.name = name;
    this.#client = createClient({
      url,
      reconnect: ({ attempt }) => Math.min(5 * attempt, 40),
      timeouts: { requestMs: false },
      // An emit of an outbox that comes again has the key it had.
      pipeline: pipeline(deduplicate()),
    });
    const client = this.#client as unknown as {
      on(event: string, listener: (data: never) => void): void;
      when(event: string, listener: (data: never) => void): void;
      subscribe(room: string): unknown;
    };
    client.on('told', (at: Numbered) => {
      this.heard++;
      this.#lastTold = at;
      this.#check(this.#told.next(at));
    });
    client.on('logged', (at: Numbered) => this.#check(this.#logged.next(at)));
    client.on('done', ({ life, number }: Numbered) => {
      const key = `${life}:${number}`;
      this.#check(this.#done.has(key) ? `done ${key} came twice` : undefined);
      this.#done.add(key);
    });
    client.on('placed', ({ n }: { n: number }) => {
      this.#check(this.placed.has(n) ? `order ${n} came twice` : undefined);
      this.placed.add(n);
    });
    client.when('open', ({ resumed, recovered }: { resumed: boolean; recovered: boolean }) => {
      if (!resumed) return;
      this.resumes++;
      if (!recovered) this.#check('its session was resumed, and not recovered');
    });
    client.when('gap', ({ room }: { room?: string }) => {
      this.gaps.push(room ?? 'session');
      // The history of the room is in memory: it ends with every life.
      if (room === undefined) this.#check('messages of its session are missing');
      else if (room === 'orders.all') this.#check('orders are missing, though their history is kept');
      else this.#logged.mayJump();
    });
    client.when('error', (error: Error) => this.#check(`error: ${error.message}`));
    client.subscribe('log.all');
    client.subscribe('orders.all');
  }

  async open(): Promise<void> {
    await this.#client.connect();
  }

  send(n: number, mode: Mode, pauses: readonly number[]): void {
    const sent: Sent = { n, mode, fate: 'open' };
    this.sent.push(sent);
    this.#client.request(mode, { n, pauses }).then(
      (answer) => {
        sent.fate = 'ok';
        this.#answered(answer as { life: number; told: number; n: number });
        if ((answer as { n: number }).n !== n) this.#check(`${n} got the answer of another`);
      },
      (error: unknown) => (sent.fate = (error as { code: string }).code),
    );
  }

  get waiting(): number {
    return this.sent.filter(({ fate }) => fate === 'open').length;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** All that was said before an answer has come before it. */
  #answered({ life, told }: { life: number; told: number }): void {
    const { life: heardLife, number } = this.#lastTold;
    if (heardLife < life || (heardLife === life && number < told))
      this.#check(
        `an answer of life ${life} after ${told} came when only ${number} of life ${heardLife} had come`,
      );
  }

  #check(violation: string | undefined): void {
    if (violation !== undefined) this.violations.push(`${this.name}: ${violation}`);
  }
}

/** Numbers from 1 in each life of the server: none is skipped, none comes twice, none comes late. */
class Sequence {
  readonly #name: string;
  #at: Numbered | undefined;
  #mayJump = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** What is missing was told. */
  mayJump(): void {
    this.#mayJump = true;
  }

  next(next: Numbered): string | undefined {
    const at = this.#at;
    const isFollowing =
      at === undefined ||
      (next.life === at.life ? next.number === at.number + 1 : next.life > at.life && next.number === 1);
    const isLater =
      at === undefined || next.life > at.life || (next.life === at.life && next.number > at.number);
    const isAllowed = isFollowing || (this.#mayJump && isLater);
    this.#at = next;
    this.#mayJump = false;
    return isAllowed
      ? undefined
      : `${this.#name} ${next.number} of life ${next.life} came after ${at?.number} of life ${at?.life}`;
  }
}
