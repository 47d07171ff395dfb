import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { isPromise } from '../primitives/is-promise.js';
import type { CompiledPipes } from './compiled-pipes.js';
import type { HandlerParam } from './enhancer-resolver.js';
import type { MessageContext } from './execution-context.js';
import { runPipes } from './pipe-chain.js';

/** Numbers of Nest's `WsParamtype`. */
const paramTypes = { socket: 0, payload: 3, ack: 13 } as const;

/** Answers a message by hand: what `@Ack()` gives. */
export type Acknowledge = (value?: unknown) => void;

interface ParamPlan {
  readonly index: number;
  readonly extract: (context: MessageContext, ack: Acknowledge | undefined) => unknown;
  readonly pipes: readonly PipeTransform[];
  readonly metadata: ArgumentMetadata;
}

/** Gathers the arguments of a handler: decorators' values through their pipes. Compiled once per handler. */
export class ParamExtractor {
  /** Whether some parameter answers by hand. */
  readonly usesAck: boolean;
  readonly #plans: readonly ParamPlan[];
  readonly #length: number;

  /**
   * @param pipes global, class and method pipes: before those of the parameter, as in Nest
   * @param arity how many parameters the method has: the default ones are more than most take
   */
  constructor(
    params: readonly HandlerParam[],
    pipes: readonly PipeTransform[],
    arity: number,
    compiled: CompiledPipes,
  ) {
    this.usesAck = params.some(({ type, index }) => type === paramTypes.ack && index < arity);
    this.#plans = params.map((param) => planFor(param, pipes, compiled));
    this.#length = Math.max(0, ...params.map(({ index }) => index + 1));
  }

  /** A promise only where a value or a pipe is asynchronous; parameters do not wait for one another. */
  extract(context: MessageContext, ack: Acknowledge | undefined): unknown[] | Promise<unknown[]> {
    const args = new Array<unknown>(this.#length).fill(undefined);
    let pending: Promise<void>[] | undefined;
    for (const plan of this.#plans) {
      const value = runPipes(plan.pipes, plan.extract(context, ack), plan.metadata);
      if (isPromise(value)) (pending ??= []).push(place(value, args, plan.index));
      else args[plan.index] = value;
    }
    return pending === undefined ? args : Promise.all(pending).then(() => args);
  }
}

async function place(value: PromiseLike<unknown>, args: unknown[], index: number): Promise<void> {
  args[index] = await value;
}

function planFor(param: HandlerParam, pipes: readonly PipeTransform[], compiled: CompiledPipes): ParamPlan {
  const { index, type, data, metatype, schema } = param;
  const metadata = {
    metatype,
    type: type === paramTypes.payload ? 'body' : 'custom',
    data,
    ...(schema === undefined ? {} : { schema }),
  } as ArgumentMetadata;
  return { index, extract: extractorOf(param), pipes: compiled.inOrder(pipes, param, metadata), metadata };
}

function extractorOf({ type, data, factory }: HandlerParam): ParamPlan['extract'] {
  if (typeof type === 'string') return (context) => factory?.(data, context);
  if (type === paramTypes.socket) return (context) => context.getClient();
  if (type === paramTypes.ack) return (_, ack) => ack;
  if (type !== paramTypes.payload) return () => null;
  if (!data) return (context) => context.getData();
  const name = data as string;
  return (context) => context.getData<Record<string, unknown> | undefined>()?.[name];
}
