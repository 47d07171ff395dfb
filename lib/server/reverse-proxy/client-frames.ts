import type { Connection } from '../../connection/connection.js';
import { pass } from '../../exchange/pass.js';
import { composeStages } from '../../pipeline/compose-stages.js';
import { InboundFrame } from '../../pipeline/inbound-frame.js';
import { InboundMessage, type MessageOwner } from '../../pipeline/inbound-message.js';
import { inboundPhase } from '../../pipeline/stage.js';
import { isPromise } from '../../primitives/is-promise.js';
import { CloseCode } from '../../protocol/close-code.js';
import { ErrorCode } from '../../protocol/error-code.js';
import type { InletSettings } from '../inlet.js';
import type { PassingFrame } from './passing.js';
import type { ProxyEnds } from './proxy-ends.js';

/** What the stages of messages see as the event of a frame that is passed on. */
export const frameEvent = '$frame';

type Way = (message: InboundMessage) => void | Promise<void>;

const closeCodes: Readonly<Record<string, number>> = {
  [ErrorCode.Unauthenticated]: CloseCode.Unauthorized,
  [ErrorCode.Forbidden]: CloseCode.Forbidden,
  [ErrorCode.PayloadTooLarge]: CloseCode.PayloadTooLarge,
  [ErrorCode.RateLimited]: CloseCode.TooManyRequests,
  [ErrorCode.TooManyRequests]: CloseCode.TooManyRequests,
  [ErrorCode.Internal]: CloseCode.InternalError,
};

/** Frames of one client on their way to the upstream: frame stages, message stages, the wire. */
export class ClientFrames {
  readonly #connection: Connection;
  readonly #settings: InletSettings;
  readonly #ends: ProxyEnds;
  /** Null: no stage looks at messages. */
  readonly #way: Way | null;
  readonly #owner: MessageOwner;
  /** The last whose signal a stage has asked for: only one frame is on its way at a time. */
  #watched: InboundMessage | null = null;
  #isClosed = false;

  constructor(connection: Connection, settings: InletSettings, ends: ProxyEnds) {
    this.#connection = connection;
    this.#settings = settings;
    this.#ends = ends;
    const phases = ends.endpoint.stages.flatMap(inboundPhase);
    this.#way =
      phases.length === 0
        ? null
        : composeStages(phases, (message) => this.#forwardMessage(message), this.#ended);
    this.#owner = {
      // There is no handler.
      entered: () => undefined,
      watched: (message) => {
        if (this.#isClosed) message.abort();
        else this.#watched = message;
      },
      expired: (_message, error) => this.#refuse(error),
      now: () => ends.endpoint.shared.clock.now(),
    };
  }

  /** The client is gone: a stage that waits for its sake need not go on. */
  close(): void {
    this.#isClosed = true;
    this.#watched?.abort();
  }

  /** A promise while a stage works, or the upstream takes less than it is sent. Never throws or rejects. */
  carry({ data, isBinary }: PassingFrame): void | Promise<void> {
    const { framePhases } = this.#ends.endpoint;
    if (framePhases.length === 0 && this.#way === null) return this.#forward(data, isBinary);
    const frame = new InboundFrame(this.#connection, data as Buffer, isBinary);
    return this.#guarded(() => {
      const through = pass(framePhases, frame, (error) => this.#refuse(error));
      if (isPromise(through)) return through.then((isThrough) => this.#settled(frame, isThrough));
      return this.#settled(frame, through);
    });
  }

  #settled(frame: InboundFrame, isThrough: boolean): void | Promise<void> {
    if (!isThrough) return this.#settings.frameDropped(frame.dropReason ?? 'frame');
    const { data, isBinary, receivedBytes, protection } = frame;
    if (this.#way === null) return this.#forward(data, isBinary);
    const payload = isBinary ? data : data.toString();
    return this.#way(
      new InboundMessage(
        this.#connection,
        frameEvent,
        payload,
        undefined,
        undefined,
        receivedBytes,
        this.#owner,
        protection,
      ),
    );
  }

  #forwardMessage({ data, outcome }: InboundMessage): void | Promise<void> {
    // Its deadline has passed, and it has been refused.
    if (outcome !== undefined) return undefined;
    if (typeof data === 'string') return this.#forward(data, false);
    if (Buffer.isBuffer(data)) return this.#forward(data, true);
    throw new TypeError('a stage has made of a frame that is passed on what is neither text nor a Buffer');
  }

  #forward(data: string | Buffer, isBinary: boolean): void | Promise<void> {
    const { upstream, options } = this.#ends;
    upstream.send(data, isBinary);
    if (upstream.bufferedBytes <= options.highWaterBytes) return undefined;
    return new Promise((resolve) => upstream.onceDrained(resolve));
  }

  /** A stage has not let a frame pass. */
  readonly #ended = (message: InboundMessage, stage: string): void => {
    const outcome = message.outcome ?? { kind: 'dropped', reason: stage };
    if (outcome.kind === 'error') this.#refuse(outcome.error);
    else if (outcome.kind === 'dropped') this.#settings.frameDropped(outcome.reason);
    else if (outcome.kind === 'value') this.#answer(outcome.value);
  };

  #answer(value: unknown): void {
    const isRaw = typeof value === 'string' || Buffer.isBuffer(value);
    this.#connection.send(isRaw ? value : JSON.stringify(value ?? null));
  }

  #refuse(error: unknown): void {
    const { counters, refusals } = this.#settings;
    const { onRefused } = this.#ends.options;
    counters.messagesRefused++;
    if (onRefused === 'tell') return refusals.refuse(this.#connection, undefined, error);
    const { code, message } = refusals.count(error);
    this.#settings.log.warn(
      'PROXY_REFUSED',
      () => `refused a frame of connection ${this.#connection.id}: ${code}, ${message}`,
    );
    if (onRefused === 'close') this.#connection.close(closeCodes[code] ?? CloseCode.PolicyViolation, message);
  }

  #guarded(work: () => void | Promise<void>): void | Promise<void> {
    try {
      const pending = work();
      if (!isPromise(pending)) return undefined;
      return pending.then(undefined, (error: unknown) => this.#refuse(error));
    } catch (error) {
      return this.#refuse(error);
    }
  }
}
