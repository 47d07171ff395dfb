import type { DeadLetter } from './dead-letter.js';
import type { StageHost } from './middleware.js';

/** A hook that takes longer does not hold up a shutdown. */
const closeMs = 5_000;

/** Who is told of dead letters: a gateway that wants to be. */
export interface DeadLetterHook {
  deadLetter?(letter: DeadLetter): void | Promise<void>;
}

/** Tells hooks of dead letters; a shutdown waits for them. */
export class DeadLetters {
  readonly #host: StageHost;
  readonly #hooks: readonly DeadLetterHook[];
  /** Hooks that have been told and are not done. */
  readonly #telling = new Set<Promise<void>>();

  constructor(host: StageHost, hooks: readonly DeadLetterHook[]) {
    this.#host = host;
    this.#hooks = hooks;
    host.onClose?.(async () => {
      const over = new Promise((resolve) => void host.clock.setTimeout(() => resolve(undefined), closeMs));
      await Promise.race([Promise.all(this.#telling), over]);
    });
  }

  bury(letter: DeadLetter): void {
    this.#host.count('reliable.dead-letters');
    const hooks = this.#hooks.filter((hook) => hook.deadLetter !== undefined);
    if (hooks.length === 0) this.#host.log.warn('DEAD_LETTER', () => line(letter));
    for (const hook of hooks) {
      const telling = this.#tell(hook, letter);
      this.#telling.add(telling);
      void telling.then(() => this.#telling.delete(telling));
    }
  }

  async #tell(hook: DeadLetterHook, letter: DeadLetter): Promise<void> {
    try {
      await hook.deadLetter?.(letter);
    } catch (error) {
      this.#host.count('reliable.dead-letters-failed');
      this.#host.log.error('DEAD_LETTER_HOOK', error);
    }
  }
}

function line({ direction, connection, reason, attempts }: DeadLetter): string {
  const what =
    direction === 'outbound' ? 'a reliable emit was not acknowledged' : 'a reliable handler has failed';
  return `connection ${connection.id}: ${what} (${reason}, attempts: ${attempts}); onDeadLetter() of a gateway would be told`;
}
