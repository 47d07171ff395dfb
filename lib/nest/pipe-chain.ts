import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { isPromise } from '../primitives/is-promise.js';

/** Sends a value through pipes in order. Synchronous until one of them is not. */
export function runPipes(
  pipes: readonly PipeTransform[],
  value: unknown,
  metadata: ArgumentMetadata,
  first = 0,
): unknown {
  let current = value;
  for (let i = first; i < pipes.length; i++) {
    if (isPromise(current)) return current.then((settled) => runPipes(pipes, settled, metadata, i));
    current = pipes[i]!.transform(current, metadata);
  }
  return current;
}
