import type { EventVersionOptions } from '../../pipeline/stages/transform/event-history.js';
import {
  type EventVersionsScope,
  EventVersionsStage,
} from '../../pipeline/stages/transform/event-versions.stage.js';
import {
  type MapMessagesOptions,
  MapMessagesStage,
} from '../../pipeline/stages/transform/map-messages.stage.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

/**
 * Puts other data in the place of messages' own, by event: before handlers, before encoding, or both.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * MapMessages.of({ inbound: { 'order.*': toCamelCase }, outbound: { 'order.*': toSnakeCase } })
 */
export const MapMessages: StageDecorator<[options: MapMessagesOptions]> = stageDecorator(
  'MapMessages',
  (_host, options) => new MapMessagesStage(options),
);

/**
 * Lets clients of older versions talk to handlers that know the current one. For the module's `middleware`: on a gateway
 * or a handler it comes too late to choose a handler.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * EventVersions.of({ order: { current: 2, up: { 1: addCurrency }, down: { 2: removeCurrency } } })
 */
export const EventVersions: StageDecorator<
  [events: Readonly<Record<string, EventVersionOptions>>, scope?: EventVersionsScope]
> = stageDecorator(
  'EventVersions',
  (host, events, scope = {}) => new EventVersionsStage(events, scope, host),
);
