import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { isObservable, lastValueFrom } from 'rxjs';
import { isPromise } from '../primitives/is-promise.js';

/** A guard's no. To filters the `WsException` that Nest throws; at connect, a 403. */
export class GuardRefusal extends WsException {
  constructor() {
    super('Forbidden resource');
    // What it is called goes to logs and filters: Nest's name.
    this.name = WsException.name;
  }

  getStatus(): number {
    return 403;
  }
}

/** Asks the guards in order until one says no. Synchronous until one of them is not. */
export function runGuards(
  guards: readonly CanActivate[],
  context: ExecutionContext,
  first = 0,
): boolean | Promise<boolean> {
  for (let i = first; i < guards.length; i++) {
    const answer: unknown = guards[i]!.canActivate(context);
    if (answer === true) continue;
    if (isPromise(answer) || isObservable(answer)) {
      return settle(answer).then((isAllowed) => isAllowed && runGuards(guards, context, i + 1));
    }
    if (!answer) return false;
  }
  return true;
}

async function settle(answer: unknown): Promise<boolean> {
  const value = await answer;
  return Boolean(isObservable(value) ? await lastValueFrom(value) : value);
}
