import type { Socket } from 'node:net';

/** `up`: from the client to the server. */
export type Direction = 'up' | 'down';

/** What is done to a connection. */
export type LinkFault = (link: FaultyLink) => void;

export interface LinkEvents {
  /** Bytes, or an end, have come or gone. */
  moved(): void;
  /** Neither end holds it any more. */
  closed(): void;
}

/** One direction of a connection. */
interface Lane {
  readonly from: Socket;
  readonly to: Socket;
  /** Kept back while `isHeld`. */
  readonly held: Buffer[];
  isHeld: boolean;
  /** Bytes that still pass before the connection is cut; Infinity: all. */
  left: number;
  /** How the sender has ended; null: it has not. */
  end: 'fin' | 'rst' | null;
}

/** One connection through the proxy: two sockets, and what is between them. */
export class FaultyLink {
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #events: LinkEvents;
  /** Ends are kept back, bytes are not. */
  #holdsEnds = false;
  /** Whatever comes is lost, and neither end hears of it. */
  #isSilent = false;
  readonly #gone = new Set<Socket>();

  constructor(client: Socket, server: Socket, events: LinkEvents) {
    this.#up = lane(client, server);
    this.#down = lane(server, client);
    this.#events = events;
    this.#watch(this.#up);
    this.#watch(this.#down);
  }

  /** Whether the client still holds its end. */
  get hasClient(): boolean {
    return !this.#gone.has(this.#up.from) && this.#up.end === null;
  }

  /** Resets both ends: what is under way is lost. */
  reset(): void {
    this.#isSilent = true;
    resetSocket(this.#up.from);
    resetSocket(this.#down.from);
  }

  /** Ends both ways; what comes later is lost. */
  finish(): void {
    this.#isSilent = true;
    for (const { from } of [this.#up, this.#down]) from.end();
  }

  /** Only one end learns that it is over; the other waits for an answer that does not come. */
  resetSide(side: 'client' | 'server'): void {
    this.#isSilent = true;
    resetSocket((side === 'client' ? this.#up : this.#down).from);
  }

  /** The server is gone: the client learns of it, unless the connection is held or half open. */
  dropServer(): void {
    resetSocket(this.#down.from);
  }

  /** Swallows everything from now on; neither end is told. */
  halfOpen(): void {
    this.#isSilent = true;
  }

  /** Lets `bytes` more through, and resets the connection in the middle of what comes then. */
  cutAfter(direction: Direction, bytes: number): void {
    this.#lane(direction).left = bytes;
  }

  /** Keeps bytes back, and an end behind them, until `release`. */
  hold(direction: Direction): void {
    this.#lane(direction).isHeld = true;
  }

  /** Keeps ends back: the peer of one that has gone goes on as if it were there, until `release`. */
  holdEnds(): void {
    this.#holdsEnds = true;
  }

  /** Whether the client holds a connection through which nothing comes, and does not know it yet. */
  get isDeaf(): boolean {
    return this.#isSilent && this.hasClient;
  }

  /** Delivers what was kept back, bytes first, then ends; from now on everything passes. */
  release(): void {
    this.#holdsEnds = false;
    for (const one of [this.#up, this.#down]) {
      one.isHeld = false;
      one.left = Infinity;
      for (const bytes of one.held.splice(0)) this.#forward(one, bytes);
      this.#tellEnd(one);
    }
  }

  #lane(direction: Direction): Lane {
    return direction === 'up' ? this.#up : this.#down;
  }

  #watch(one: Lane): void {
    const { from } = one;
    from.on('data', (bytes: Buffer) => {
      this.#events.moved();
      if (this.#isSilent) return;
      if (one.isHeld) one.held.push(bytes);
      else this.#forward(one, bytes);
    });
    from.on('end', () => this.#ended(one, 'fin'));
    from.on('error', () => this.#ended(one, 'rst'));
    from.on('close', () => {
      this.#ended(one, 'rst');
      this.#gone.add(from);
      if (this.#gone.size === 2) this.#events.closed();
    });
  }

  #forward(one: Lane, bytes: Buffer): void {
    if (this.#isSilent) return;
    const passes = bytes.subarray(0, one.left);
    one.left -= passes.length;
    this.#events.moved();
    if (passes.length === bytes.length) {
      one.to.write(bytes);
      return;
    }
    this.#isSilent = true;
    // The reset must not overtake the bytes that still pass.
    one.to.write(passes, () => this.reset());
  }

  #ended(one: Lane, how: 'fin' | 'rst'): void {
    this.#events.moved();
    if (one.end !== null && !(one.end === 'fin' && how === 'rst')) return;
    one.end = how;
    if (!one.isHeld && !this.#holdsEnds) this.#tellEnd(one);
  }

  #tellEnd({ from, to, end }: Lane): void {
    // A silent connection answers an end with its own, so that no socket is left, and tells the other side nothing.
    if (this.#isSilent) {
      if (end === 'fin') from.destroy();
      return;
    }
    if (end === 'fin') to.end();
    else if (end === 'rst') resetSocket(to);
  }
}

function lane(from: Socket, to: Socket): Lane {
  return { from, to, held: [], isHeld: false, left: Infinity, end: null };
}

/** While an end is being written libuv refuses to reset, and Node then loses the handle: open for good. */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished && !socket.destroyed)
    socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
