import fc from 'fast-check';
import { Sequencer, type SequencerSettings } from '../../lib/exchange/sequencer.js';
import { FakeClock } from '../support/fake-clock.js';

function create(settings: Partial<SequencerSettings> = {}) {
  const clock = new FakeClock();
  const out: number[] = [];
  const givenUp: number[] = [];
  const sequencer = new Sequencer<number>(
    { clock, window: 4, windowBytes: 100, gapMs: 1_000, ...settings },
    { release: (item) => out.push(item), gaveUp: (count) => givenUp.push(count) },
  );
  const offer = (seq: number, bytes = 1) => sequencer.offer(seq, seq, bytes);
  return { clock, out, givenUp, sequencer, offer };
}

describe('Sequencer', () => {
  it('holds what comes early, up to the window, and hands it on in order', () => {
    const { out, offer, sequencer } = create();
    expect([3, 4, 2, 5, 1].map((seq) => offer(seq))).toEqual(['held', 'held', 'held', 'beyond', 'released']);
    expect([out, sequencer.next, sequencer.held, sequencer.heldBytes]).toEqual([[1, 2, 3, 4], 5, 0, 0]);
  });

  it('tells a number that waits, one that had its turn, and one that was given up', () => {
    const { clock, out, givenUp, offer } = create();
    offer(1);
    offer(3);
    expect([offer(3), offer(1)]).toEqual(['waits', 'passed']);
    clock.advance(1_000);
    expect([offer(2), out, givenUp]).toEqual(['late', [1, 3], [1]]);
  });

  it('bounds the bytes that wait, and lets the next one through whatever its size', () => {
    const { out, offer } = create({ windowBytes: 10 });
    expect([offer(2, 10), offer(3, 1), offer(1, 1_000)]).toEqual(['held', 'beyond', 'released']);
    expect(out).toEqual([1, 2]);
  });

  it('lets a number in again that was given back, once', () => {
    const { out, offer, sequencer } = create();
    offer(1);
    offer(2);
    sequencer.readmit(1);
    expect([offer(1), offer(1), out]).toEqual(['released', 'passed', [1, 2, 1]]);
  });

  it('gives up a gap when what follows has waited for gapMs, not before, and not the gap that opened later', () => {
    const { clock, out, givenUp, offer } = create({ window: 10 });
    offer(2);
    clock.advance(600);
    offer(4);
    clock.advance(399);
    expect(out).toEqual([]);
    clock.advance(1);
    expect([out, givenUp]).toEqual([[2], [1]]);
    clock.advance(599);
    expect(out).toEqual([2]);
    clock.advance(1);
    expect([out, givenUp, clock.timers]).toEqual([[2, 4], [1, 1], 0]);
  });

  it('gives nothing up while suspended, and then a gap has its whole time again', () => {
    const { clock, out, offer, sequencer } = create();
    offer(2);
    clock.advance(900);
    sequencer.suspend();
    clock.advance(10_000);
    offer(3);
    clock.advance(10_000);
    expect([out, clock.timers]).toEqual([[], 0]);
    sequencer.resume();
    clock.advance(999);
    expect(out).toEqual([]);
    clock.advance(1);
    expect(out).toEqual([2, 3]);
  });

  it('gives back in order what it holds, and leaves no timer', () => {
    const { clock, offer, sequencer } = create();
    offer(4);
    offer(2);
    expect([sequencer.clear(), sequencer.held, sequencer.heldBytes, clock.timers]).toEqual([[2, 4], 0, 0, 0]);
  });

  it('is done with what is released within a release', () => {
    const order: number[] = [];
    const sequencer: Sequencer<number> = new Sequencer<number>(
      { clock: new FakeClock(), window: 10, windowBytes: 100, gapMs: 1 },
      {
        release: (item) => {
          order.push(item);
          if (item === 1) sequencer.offer(2, 2, 1);
          if (item === 3) sequencer.clear();
        },
        gaveUp: () => undefined,
      },
    );
    sequencer.offer(3, 3, 1);
    sequencer.offer(4, 4, 1);
    sequencer.offer(1, 1, 1);
    expect(order).toEqual([1, 2, 3]);
  });

  it('goes on where a sender has begun elsewhere, in order, and takes no number of before', () => {
    const { clock, out, givenUp, offer } = create();
    expect([offer(1_001), offer(1_000), offer(1_003)]).toEqual(['held', 'held', 'beyond']);
    clock.advance(1_000);
    expect([out, givenUp]).toEqual([
      [1_000, 1_001],
      [2, 1],
    ]);
    expect([997, 999, 1_002, 1_003].map((seq) => offer(seq))).toEqual(['late', 'late', 'late', 'released']);
  });

  it('does not refuse for ever what has left the window behind, however far', () => {
    const { clock, out, givenUp, offer } = create();
    const far = Number.MAX_SAFE_INTEGER - 1;
    for (const seq of [1, 3, far, far + 1]) offer(seq);
    clock.advance(1_000);
    expect([offer(far), offer(far - 1), out]).toEqual(['released', 'late', [1, 3, far]]);
    expect([givenUp, clock.timers]).toEqual([[1, far - 4], 0]);
  });

  it('puts every permutation within the window into order', () => {
    const permutation = fc.integer({ min: 1, max: 40 }).chain((count) =>
      fc.shuffledSubarray(
        [...Array(count).keys()].map((at) => at + 1),
        { minLength: count },
      ),
    );
    fc.assert(
      fc.property(permutation, (numbers) => {
        const { out, offer, clock } = create({ window: 40, windowBytes: 40 });
        for (const seq of numbers) expect(['held', 'released']).toContain(offer(seq));
        expect(out).toEqual([...numbers].sort((a, b) => a - b));
        expect(clock.timers).toBe(0);
      }),
    );
  });

  it('does what a simple model of it does, whatever comes and whenever', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ offer: fc.integer({ min: -3, max: 8 }) }) },
      { weight: 1, arbitrary: fc.record({ advance: fc.integer({ min: 1, max: 1_500 }) }) },
      { weight: 1, arbitrary: fc.record({ readmit: fc.integer({ min: 1, max: 4 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, out, givenUp, offer, sequencer } = create({ window: 6, windowBytes: 1_000 });
        const model = new Model(6, 1_000);
        for (const one of steps) {
          if ('advance' in one) {
            clock.advance(one.advance);
            model.advance(one.advance);
          } else if ('readmit' in one) {
            sequencer.readmit(sequencer.next - one.readmit);
            model.readmit(model.next - one.readmit);
          } else {
            const seq = Math.max(1, sequencer.next + one.offer);
            expect(offer(seq)).toBe(model.offer(seq));
          }
          expect([out, sequencer.next]).toEqual([model.out, model.next]);
        }
        clock.advance(1_000);
        model.advance(1_000);
        expect([out, sequencer.held, clock.timers]).toEqual([model.out, 0, 0]);
        expect(givenUp.reduce((sum, count) => sum + count, 0)).toBe(model.lost.length);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The same, by going through all numbers at every step. */
class Model {
  readonly out: number[] = [];
  readonly lost: number[] = [];
  next = 1;
  #now = 0;
  readonly #window: number;
  readonly #gapMs: number;
  #held: { seq: number; since: number }[] = [];
  #ahead = { seq: Infinity, since: Infinity };
  #first = 0;
  #again: number[] = [];

  constructor(window: number, gapMs: number) {
    this.#window = window;
    this.#gapMs = gapMs;
  }

  offer(seq: number): string {
    if (this.#first === 0) this.#first = this.next = Math.max(1, seq - this.#window + 1);
    if (seq < this.next) {
      if (seq < this.#first) return 'late';
      if (this.lost.slice(-this.#window).includes(seq)) return 'late';
      if (!this.#again.includes(seq)) return 'passed';
      this.#again = this.#again.filter((other) => other !== seq);
      this.out.push(seq);
      return 'released';
    }
    if (this.#held.some((held) => held.seq === seq)) return 'waits';
    if (seq >= this.next + this.#window) {
      this.#look();
      this.#ahead = { seq: Math.min(seq, this.#ahead.seq), since: Math.min(this.#now, this.#ahead.since) };
      return 'beyond';
    }
    this.#held.push({ seq, since: this.#now });
    this.#flush(this.next);
    return this.#held.some((held) => held.seq === seq) ? 'held' : 'released';
  }

  readmit(seq: number): void {
    if (!this.#again.includes(seq)) this.#again = [...this.#again, seq].slice(-this.#window);
  }

  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      this.#now++;
      this.#look();
      const due = [...this.#held, this.#ahead].filter(({ since }) => since + this.#gapMs <= this.#now);
      if (due.length > 0) this.#flush(Math.max(...due.map(({ seq }) => seq)));
    }
  }

  /** Forgets the one that was too far ahead, when it is not any more. */
  #look(): void {
    if (this.#ahead.seq <= this.next || this.#has(this.#ahead.seq))
      this.#ahead = { seq: Infinity, since: Infinity };
  }

  /** Everything up to a number, and what follows it without a gap. */
  #flush(upTo: number): void {
    for (; this.next <= upTo || this.#has(this.next); this.next++) {
      if (this.#has(this.next)) this.out.push(this.next);
      else if (this.next < upTo) this.lost.push(this.next);
      else return;
      this.#held = this.#held.filter(({ seq }) => seq !== this.next);
    }
  }

  #has(seq: number): boolean {
    return this.#held.some((held) => held.seq === seq);
  }
}
