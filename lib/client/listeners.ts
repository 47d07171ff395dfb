type Listener = (...args: never[]) => unknown;

/** For an error that nobody listens to: it reaches the platform's own handler. */
export function throwToNobody(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Who hears what. A listener that throws disturbs no other. */
export class Listeners {
  readonly #byName = new Map<string, readonly Listener[]>();
  readonly #failed: (error: unknown) => void;

  /** @param failed told of what a listener has thrown */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Returns what ends it. */
  add(name: string, listener: Listener): () => void {
    // A new array each time: whoever walks the old one is not disturbed.
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), listener]);
    return () => this.remove(name, listener);
  }

  remove(name: string, listener: Listener): void {
    const listeners = this.#byName.get(name) ?? [];
    const at = listeners.indexOf(listener);
    if (at === -1) return;
    if (listeners.length === 1) this.#byName.delete(name);
    else this.#byName.set(name, listeners.toSpliced(at, 1));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Tells all. */
  tell(name: string, ...args: unknown[]): void {
    this.#call(name, args, this.#failed);
  }

  /** Tells all; the first answer that is not `undefined`. @throws what a listener has thrown, when no other has answered */
  ask(name: string, ...args: unknown[]): unknown {
    let failure: { readonly error: unknown } | undefined;
    const answer = this.#call(name, args, (error) => (failure ??= { error }));
    if (failure !== undefined && answer === undefined) throw failure.error;
    return answer;
  }

  #call(name: string, args: unknown[], failed: (error: unknown) => void): unknown {
    let answer: unknown;
    for (const listener of this.#byName.get(name) ?? []) {
      try {
        const result = (listener as (...args: unknown[]) => unknown)(...args);
        answer ??= result;
      } catch (error) {
        failed(error);
      }
    }
    return answer;
  }
}
