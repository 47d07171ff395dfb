import type { GatewayMiddleware, StageHost } from '../../pipeline/middleware.js';
import { annotate } from './annotate.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

/** A decorator that names what a principal needs: a stage asks for it, and guards can read it as metadata. */
export interface AccessDecorator extends StageDecorator<readonly string[]> {
  /** For Nest's `Reflector`. */
  readonly KEY: string;
}

/** A decorator, whatever it stands on. */
type Decorate = (...decorated: unknown[]) => void;

/** Makes one of a stage. */
export function accessDecorator(
  name: string,
  key: string,
  create: (host: StageHost, ...needed: readonly string[]) => GatewayMiddleware,
): AccessDecorator {
  const stage = stageDecorator<readonly string[]>(name, create);
  const decorate = (...needed: readonly string[]): ClassDecorator & MethodDecorator => {
    const mark: Decorate = annotate(key, needed);
    const use: Decorate = stage(...needed);
    return (...decorated: unknown[]): void => {
      mark(...decorated);
      use(...decorated);
    };
  };
  return Object.assign(decorate, { of: stage.of, KEY: key });
}
