import { inspect } from 'node:util';
import { getMetadataStorage, useContainer } from 'class-validator';
import fc from 'fast-check';
import { randomClass } from './validation/random-classes.js';
import { isSameValue } from './validation/same-value.js';
import { byCompiled, byLibraries, compiledFor, pipeOf } from './validation/libraries.js';
import { randomOptions } from './validation/random-options.js';

/** Classes × inputs of each. GATEWIRE_VALIDATION_CASES asks for more: 100000 where validation was changed. */
const cases = Number(process.env['GATEWIRE_VALIDATION_CASES'] ?? 5_000);
const inputsPerClass = 50;
const seed = Number(process.env['GATEWIRE_VALIDATION_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** class-validator's own container looks through all validators that there ever were. */
const instances = new Map<unknown, unknown>();
useContainer({
  get: (target: any) => {
    if (!instances.has(target)) instances.set(target, new target());
    return instances.get(target) as any;
  },
});

/** Its storage is looked through for every class, too. */
function forget(made: ReadonlySet<unknown>): void {
  const { validationMetadatas, constraintMetadatas } = getMetadataStorage() as unknown as Record<
    string,
    Map<unknown, unknown[]>
  >;
  for (const target of made) validationMetadatas!.delete(target);
  for (const target of instances.keys()) constraintMetadatas!.delete(target);
  instances.clear();
}

describe('the compiled validator beside the libraries', () => {
  it(`agrees on ${cases} inputs of random classes, with generated code and without, and decides nine of ten valid ones (seed ${seed})`, async () => {
    const counts = { inputs: 0, valid: 0, compiled: 0, classes: 0 };
    const property = fc.asyncProperty(fc.gen(), async (gen) => {
      const made = new Set<unknown>();
      const { target, input } = randomClass(gen, made);
      const pipe = pipeOf(randomOptions(gen));
      const compiled = compiledFor(pipe, target);
      const slower = compiledFor(pipe, target, false);
      counts.classes++;
      for (let i = 0; i < inputsPerClass; i++) {
        const text = JSON.stringify(input(gen));
        const expected = await byLibraries(pipe, target, JSON.parse(text));
        const actual = byCompiled(compiled, JSON.parse(text));
        counts.inputs++;
        if (expected.isValid) counts.valid++;
        const withoutCode = byCompiled(slower, JSON.parse(text));
        if (!isSameValue(actual, withoutCode))
          throw new Error(`${text}\n${inspect({ actual, withoutCode }, { depth: 8 })}`);
        if (actual === undefined) continue;
        counts.compiled++;
        if (isSameValue(actual, expected)) continue;
        throw new Error(`${text}\n${inspect({ expected, actual }, { depth: 8 })}`);
      }
      forget(made);
    });
    const result = await fc.check(property, {
      seed,
      numRuns: Math.ceil(cases / inputsPerClass),
      endOnFailure: true,
    });
    // Not fast-check's own report, which lists every choice of a class and its inputs.
    if (result.failed)
      throw new Error(`seed ${seed}, run ${result.numRuns}`, { cause: result.errorInstance });
    process.stdout.write(`compiled validator: ${JSON.stringify(counts)}\n`);
    expect(counts.inputs).toBeGreaterThanOrEqual(cases);
    expect(counts.valid / counts.inputs).toBeGreaterThan(0.4);
    expect(counts.compiled / counts.valid).toBeGreaterThanOrEqual(0.9);
  }, 300_000);
});
