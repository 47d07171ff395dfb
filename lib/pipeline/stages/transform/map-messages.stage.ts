import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { OptionError } from '../../../primitives/option-error.js';
import type { GatewayMiddleware, InboundPhase, OutboundPhase } from '../../middleware.js';
import {
  type AnyMessage,
  carriesData,
  type MessageDirection,
  subjectData,
  subjectEvent,
  withSubjectData,
} from '../message-subject.js';
import { MapperList, type MapperTable, type MessageMapper } from './message-mapper.js';

/** Which messages are made into what. */
export interface MapMessagesOptions {
  /** Before handlers; a `$publish` counts as the event that it publishes. */
  readonly inbound?: MapperTable;
  /** Before encoding, once per emit; a reply without a name counts as the event that it answers. */
  readonly outbound?: MapperTable;
}

/** Puts other data in the place of messages' own. */
export class MapMessagesStage implements GatewayMiddleware {
  readonly inbound?: InboundPhase;
  readonly outbound?: OutboundPhase;

  /** @throws {OptionError} */
  constructor({ inbound, outbound }: MapMessagesOptions) {
    if (inbound === undefined && outbound === undefined)
      throw new OptionError('MapMessages', 'mappers: inbound, outbound or both', 'none');
    if (inbound !== undefined) {
      const list = new MapperList('inbound', inbound);
      this.inbound = (message, next) => run(list, message, 'inbound', next);
    }
    if (outbound !== undefined) {
      const list = new MapperList('outbound', outbound);
      this.outbound = (message, next) =>
        carriesData(message) ? run(list, message, 'outbound', next) : next();
    }
  }
}

function run(
  list: MapperList,
  message: AnyMessage,
  direction: MessageDirection,
  next: Next,
): void | Promise<void> {
  const mappers = list.lookup(subjectEvent(message, direction));
  return mappers.length === 0 ? next() : apply(mappers, 0, message, direction, next);
}

function apply(
  mappers: readonly MessageMapper[],
  from: number,
  message: AnyMessage,
  direction: MessageDirection,
  next: Next,
): void | Promise<void> {
  for (let i = from; i < mappers.length; i++) {
    const mapped = (mappers[i] as MessageMapper)(subjectData(message, direction), message);
    if (isPromise(mapped)) {
      return Promise.resolve(mapped).then((data) => {
        message.data = withSubjectData(message, direction, data);
        return apply(mappers, i + 1, message, direction, next);
      });
    }
    message.data = withSubjectData(message, direction, mapped);
  }
  return next();
}
