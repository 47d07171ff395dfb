import type { Moment } from '../supervisor/supervisor-events.js';

/** What the supervisor tells its server. */
export interface Doom {
  /** Where to die; null: nowhere any more. */
  readonly dieAt: Moment | null;
}

/** Lets this process die where the supervisor wants it to: at places that a kill from outside seldom meets. */
export class Mortality {
  #moment: Moment | null = null;

  constructor() {
    process.on('message', ({ dieAt }: Doom) => (this.#moment = dieAt));
  }

  /** It is here: nothing after this line is run, and nothing before it is undone. */
  reached(moment: Moment): void {
    if (moment === this.#moment) process.kill(process.pid, 'SIGKILL');
  }
}
