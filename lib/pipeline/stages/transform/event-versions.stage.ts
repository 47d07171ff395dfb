import type { Connection } from '../../../connection/connection.js';
import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { isReservedEvent } from '../../../protocol/event-name.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { carriesData, setSubject, subjectData, subjectEvent } from '../message-subject.js';
import { EventHistory, type EventVersionOptions } from './event-history.js';

/** How versions are spelled, and who gets which. */
export interface EventVersionsScope {
  /**
   * What handlers subscribe to and emits are called: `order`, with `meta.version` (`'meta'`), or `order.v2` (`'suffix'`).
   * Clients may use either spelling. @default 'meta'
   */
  readonly naming?: 'meta' | 'suffix';
  /**
   * The version of an event that a connection understands; undefined: the current one. Each receiver of an emit then gets
   * it cast and encoded for itself, which costs a run of the outbound stages for each.
   * @default everybody gets the current version
   */
  readonly clientVersion?: (connection: Connection, event: string) => number | undefined;
}

interface Asked {
  readonly history: EventHistory;
  readonly version: number;
  readonly spelling: 'meta' | 'suffix' | 'none';
}

/** `order.v2`. */
const versioned = /^(.+)\.v([1-9]\d{0,8})$/;

/** Takes messages of older versions for handlers that know the current one, and answers in the version that was asked in. */
export class EventVersionsStage implements GatewayMiddleware {
  readonly perConnection: boolean;
  readonly #histories = new Map<string, EventHistory>();
  readonly #naming: 'meta' | 'suffix';
  readonly #clientVersion: EventVersionsScope['clientVersion'];
  readonly #host: StageHost;
  readonly #asked = new WeakMap<InboundMessage, Asked>();

  /** @throws {OptionError} */
  constructor(
    events: Readonly<Record<string, EventVersionOptions>>,
    { naming = 'meta', clientVersion }: EventVersionsScope,
    host: StageHost,
  ) {
    for (const [event, options] of Object.entries(events)) {
      if (event === '' || isReservedEvent(event) || versioned.test(event))
        throw new OptionError('EventVersions', 'names of events without their version', event);
      this.#histories.set(event, new EventHistory(event, options));
    }
    if (this.#histories.size === 0) throw new OptionError('EventVersions', 'one event at least', events);
    if (!['meta', 'suffix'].includes(naming)) throw new OptionError('naming', "'meta' or 'suffix'", naming);
    this.#naming = naming;
    this.#clientVersion = clientVersion;
    this.#host = host;
    this.perConnection = clientVersion !== undefined;
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const name = subjectEvent(message, 'inbound');
    const found = this.#find(name);
    if (found === undefined) return next();
    const { history, version: suffix } = found;
    const { meta } = message;
    const inMeta = meta !== undefined && Object.hasOwn(meta, 'version') ? meta['version'] : undefined;
    const version = suffix ?? (inMeta === undefined ? history.unversioned : inMeta);
    if (!history.takes(version))
      return this.#refuse(message, history, `this version of "${history.event}" is not supported`);
    if (inMeta !== undefined && inMeta !== version)
      return this.#refuse(message, history, `"${history.event}" is sent in two versions at once`);
    this.#asked.set(message, {
      history,
      version,
      spelling: suffix !== undefined ? 'suffix' : inMeta !== undefined ? 'meta' : 'none',
    });
    if (inMeta !== undefined) message.meta = { ...meta, version: history.current };
    if (version !== history.current) this.#host.count('event-versions.upcast');
    const data = history.upcast(subjectData(message, 'inbound'), version, message);
    const event = this.#naming === 'suffix' ? `${history.event}.v${history.current}` : history.event;
    if (!isPromise(data)) {
      setSubject(message, 'inbound', event, data);
      return next();
    }
    return Promise.resolve(data).then((result) => {
      setSubject(message, 'inbound', event, result);
      return next();
    });
  }

  outbound(message: OutboundMessage, next: Next): void | Promise<void> {
    if (!carriesData(message)) return next();
    const asked = message.inReplyTo && this.#asked.get(message.inReplyTo);
    const history = message.event === undefined ? asked?.history : this.#current(message.event);
    if (history === undefined) return next();
    const reply = asked?.history === history ? asked : undefined;
    const version = reply?.version ?? this.#versionOf(message, history);
    if (version !== history.current) this.#host.count('event-versions.downcast');
    const data = history.downcast(message.data, version, message);
    if (!isPromise(data)) return this.#goOn(message, history, version, reply, data, next);
    return Promise.resolve(data).then((result) => this.#goOn(message, history, version, reply, result, next));
  }

  #goOn(
    message: OutboundMessage,
    history: EventHistory,
    version: number,
    reply: Asked | undefined,
    data: unknown,
    next: Next,
  ): void | Promise<void> {
    message.data = data;
    // As it was asked, so it is answered: who says no version hears none.
    const spelling = reply?.spelling ?? this.#naming;
    if (message.event !== undefined)
      message.event = spelling === 'suffix' ? `${history.event}.v${version}` : history.event;
    if (spelling === 'meta') message.meta = { ...message.meta, version };
    return next();
  }

  /** The event that a name means, and the version that the name says. */
  #find(name: string): { history: EventHistory; version: number | undefined } | undefined {
    const known = this.#histories.get(name);
    if (known !== undefined) return { history: known, version: undefined };
    const [, event = '', version] = versioned.exec(name) ?? [];
    const history = this.#histories.get(event);
    return history && { history, version: Number(version) };
  }

  /** The event that the application means, whose data has the current version. */
  #current(name: string): EventHistory | undefined {
    const found = this.#find(name);
    return (found?.version ?? found?.history.current) === found?.history.current ? found?.history : undefined;
  }

  /** What a connection claims to understand may be the peer's word: what does not exist is taken for the nearest that does. */
  #versionOf({ target }: OutboundMessage, history: EventHistory): number {
    if (this.#clientVersion === undefined || target.kind !== 'connection') return history.current;
    const version = this.#clientVersion(target.connection, history.event);
    if (version === undefined || !Number.isSafeInteger(version)) return history.current;
    return Math.min(Math.max(version, 1), history.current);
  }

  #refuse(message: InboundMessage, history: EventHistory, problem: string): void {
    this.#host.count('event-versions.refused');
    message.reject(ErrorCode.BadRequest, problem, { supported: history.supported });
  }
}
