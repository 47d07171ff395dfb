import type { MessageId } from '../protocol/envelope.js';

/** Requests of the server whose answers are awaited; older ones are forgotten. */
const mostAsked = 1_024;

/** The ids of a server's requests are its own: the nth of an event now is the nth of the recording. */
export class Asked<Answer> {
  readonly #recorded = new Map<string, MessageId[]>();
  readonly #actual = new Map<string, MessageId[]>();
  /** By the recorded id: the id it has now, or the answer that waits for it. */
  readonly #ids = new Map<MessageId, MessageId>();
  readonly #answers = new Map<MessageId, Answer>();
  readonly #send: (id: MessageId, answer: Answer) => void;

  constructor(send: (id: MessageId, answer: Answer) => void) {
    this.#send = send;
  }

  /** The recording has been asked. */
  recorded(event: string, id: MessageId): void {
    this.#queue(this.#recorded, event).push(id);
    this.#pair(event);
  }

  /** We have been asked. */
  asked(event: string, id: MessageId): void {
    this.#queue(this.#actual, event).push(id);
    this.#pair(event);
  }

  /** What was answered then is answered now, as soon as it is asked. @param id the recorded one */
  answer(id: MessageId, answer: Answer): void {
    const actual = this.#ids.get(id);
    this.#ids.delete(id);
    if (actual !== undefined) this.#send(actual, answer);
    else bounded(this.#answers, id, answer);
  }

  #pair(event: string): void {
    const [recorded, actual] = [this.#queue(this.#recorded, event), this.#queue(this.#actual, event)];
    while (recorded.length > 0 && actual.length > 0) {
      const [then, now] = [recorded.shift() as MessageId, actual.shift() as MessageId];
      const answer = this.#answers.get(then);
      if (this.#answers.delete(then)) this.#send(now, answer as Answer);
      else bounded(this.#ids, then, now);
    }
    for (const queue of [recorded, actual]) if (queue.length > mostAsked) queue.shift();
  }

  #queue(queues: Map<string, MessageId[]>, event: string): MessageId[] {
    let queue = queues.get(event);
    if (queue === undefined) queues.set(event, (queue = []));
    return queue;
  }
}

function bounded<Value>(values: Map<MessageId, Value>, id: MessageId, value: Value): void {
  values.set(id, value);
  if (values.size > mostAsked) values.delete(values.keys().next().value as MessageId);
}
