import { type SerializeOptions, SerializeStage } from '../../pipeline/stages/serialize/serialize.stage.js';
import { loadSerializer } from '../class-transformer.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

/**
 * Writes class instances as class-transformer's decorators say (`@Expose()`, `@Exclude()`, `@Transform()`): in the module's
 * `middleware` also in emits and broadcasts, which no interceptor sees; on a gateway or handler in replies.
 *
 * @example
 * GatewireModule.forRoot({ middleware: [Serialize.of({ groups: ['public'] })] })
 */
export const Serialize: StageDecorator<[options?: SerializeOptions]> = stageDecorator(
  'Serialize',
  (host, options) => new SerializeStage(options ?? {}, loadSerializer(), host),
);
