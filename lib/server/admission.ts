import { ErrorCode } from '../protocol/error-code.js';
import type { HttpRefusal } from './http-refusal.js';

/** How many may be here at once; `Infinity` is no limit. */
export interface AdmissionLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly handshakesInFlight: number;
}

/** Counts who is connecting and who is connected, and refuses the one too many. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #perAddress = new Map<string, number>();
  #connections = 0;
  #handshakes = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Upgrades whose 101 is not out yet. */
  get handshakes(): number {
    return this.#handshakes;
  }

  /** Admitted: connecting or connected. */
  get connections(): number {
    return this.#connections;
  }

  /** Lets one in. Undefined: it is in, and {@link leave} must be called when it goes. */
  enter(address: string): HttpRefusal | undefined {
    const { connections, connectionsPerAddress, handshakesInFlight } = this.#limits;
    if (this.#handshakes >= handshakesInFlight) return busy('too many handshakes in flight');
    if (this.#connections >= connections) return busy('too many connections');
    if (connectionsPerAddress !== Infinity) {
      const fromHere = this.#perAddress.get(address) ?? 0;
      if (fromHere >= connectionsPerAddress) {
        return {
          status: 429,
          code: ErrorCode.TooManyRequests,
          message: 'too many connections from this address',
        };
      }
      this.#perAddress.set(address, fromHere + 1);
    }
    this.#connections++;
    this.#handshakes++;
    return undefined;
  }

  /** Its handshake is over, well or not. */
  handshakeDone(): void {
    this.#handshakes--;
  }

  leave(address: string): void {
    this.#connections--;
    const fromHere = this.#perAddress.get(address);
    if (fromHere === undefined) return;
    if (fromHere > 1) this.#perAddress.set(address, fromHere - 1);
    else this.#perAddress.delete(address);
  }
}

function busy(message: string): HttpRefusal {
  return { status: 503, code: ErrorCode.Overloaded, message };
}
