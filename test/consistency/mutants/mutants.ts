import { Outbox } from '../../../lib/client/outbox.js';
import { Session } from '../../../lib/client/session.js';
import { Connection } from '../../../lib/connection/connection.js';
import { SessionLog } from '../../../lib/connection/session-log.js';
import { HandledWindow } from '../../../lib/exchange/handled-window.js';
import type { InboundMessage } from '../../../lib/pipeline/inbound-message.js';
import { GatewireError } from '../../../lib/protocol/gatewire-error.js';
import { MessageRunner } from '../../../lib/server/message-runner.js';
import type { Defect } from '../outcome.js';
import { newIds } from './new-ids.js';

/** A seeded defect: product code with one thing wrong, which the schedules have to notice. */
export interface Mutant {
  readonly name: string;
  /** Puts it in; returns what takes it out again. */
  readonly install?: () => () => void;
  readonly defect?: () => Defect;
}

type Methods<Class> = {
  [Name in keyof Class as Class[Name] extends (...args: never[]) => unknown ? Name : never]: Class[Name];
};

/** Puts another method in the place of one; it is given the one that was there. */
function patched<Class extends object, Name extends keyof Methods<Class>>(
  prototype: Class,
  name: Name,
  change: (original: Class[Name]) => Class[Name],
): () => void {
  const original = prototype[name];
  prototype[name] = change(original);
  return () => void (prototype[name] = original);
}

/** Streams have several outcomes: their first is not an acknowledgement. */
const isAcknowledged = ({ id, event }: InboundMessage): boolean => id !== undefined && event !== 'count';

export const mutants: readonly Mutant[] = [
  {
    // The outcome goes out when the message has come, and not when its handler is done.
    name: 'ack before processing',
    install: () =>
      patched(
        MessageRunner.prototype,
        'run',
        (run) =>
          function (this: MessageRunner, message): PromiseLike<void> | undefined {
            const { n } = message.data as { n: number };
            if (isAcknowledged(message) && message.claimAnswer())
              message.connection.queue?.sendOutcome(JSON.stringify({ id: message.id, data: n }));
            return run.call(this, message);
          },
      ),
  },
  {
    name: 'seen ids not kept',
    install: () => patched(HandledWindow.prototype, 'get', () => () => undefined),
  },
  { name: 'resend with a new id', defect: () => ({ aroundConnect: newIds() }) },
  {
    name: 'outbox cleared on close',
    install: () =>
      patched(
        Outbox.prototype,
        'pause',
        (pause) =>
          function (this: Outbox): void {
            for (const message of this.unanswered()) {
              Object.assign(message, { taker: { outcome: () => undefined, failed: () => undefined } });
              this.fail(message, new GatewireError('DISCONNECTED', 'dropped'));
            }
            pause.call(this);
          },
      ),
  },
  {
    name: 'seq restarted on resume',
    install: () =>
      patched(
        Session.prototype,
        'welcome',
        (welcome) =>
          function (this: Session, told): void {
            welcome.call(this, told.resumed ? { ...told, seq: 1 } : told);
          },
      ),
  },
  {
    name: 'replay overlapping live',
    install: () =>
      patched(
        SessionLog.prototype,
        'after',
        (after) =>
          function (this: SessionLog, number): Buffer[] {
            const replayed = after.call(this, number);
            return [...replayed, ...replayed.slice(-1)];
          },
      ),
  },
  {
    name: 'gap hidden',
    install: () =>
      patched(
        SessionLog.prototype,
        'has',
        () =>
          function (this: SessionLog, number): boolean {
            return number <= this.last;
          },
      ),
  },
  {
    // The session is handed over, and the socket it had is neither closed nor deaf: what comes on it is still handled.
    name: 'superseded session still writing',
    install: () =>
      patched(
        Connection.prototype,
        'supersede',
        (supersede) =>
          function (this: Connection): void {
            if (this.state === 'away') return;
            const { socket } = this;
            const { close } = socket;
            socket.close = () => undefined;
            supersede.call(this);
            socket.close = close;
            socket.listener = {
              onMessage: (data, isBinary) => this.onMessage(data, isBinary),
              onPong: () => undefined,
              onError: () => undefined,
              onClose: () => undefined,
            };
          },
      ),
  },
];
