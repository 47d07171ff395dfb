import * as cv from 'class-validator';
import { builtInValidators } from '../../lib/pipeline/stages/validation/built-in-validators.js';
import { decoratorCases, leftToTheLibraries, noDecorators } from './validation/decorator-cases.js';
import { byCompiled, byLibraries, compiledFor, pipeOf } from './validation/libraries.js';

function dtoWith(decorators: readonly PropertyDecorator[]): new () => object {
  const Dto = class {};
  for (const decorate of decorators) decorate(Dto.prototype, 'property');
  return Dto;
}

/** Jest's `structuredClone` makes objects of another realm. */
function copyOf(value: unknown): unknown {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

describe('the decorators of class-validator', () => {
  it('are each compiled, or left to the libraries by name', () => {
    const exported = Object.entries(cv)
      .filter(([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name))
      .map(([name]) => name);
    const known = [...Object.keys(decoratorCases), ...leftToTheLibraries, ...noDecorators];
    expect(known.sort()).toEqual(exported.sort());
    process.stdout.write(
      `compiled: ${Object.keys(decoratorCases).length}, left to the libraries: ${leftToTheLibraries.join(', ')}\n`,
    );
  });

  it('register their validators under the names that are known, and no others', () => {
    const { rules } = { rules: cv.getMetadataStorage() };
    const names = Object.entries(decoratorCases).flatMap(([, { decorate }]) => {
      const Dto = dtoWith(decorate());
      return rules
        .getTargetValidationMetadatas(Dto, undefined as never, false, false)
        .flatMap(({ constraintCls }) => rules.getTargetValidatorConstraints(constraintCls))
        .map(({ name }) => name);
    });
    expect([...new Set(names)].sort()).toEqual([...builtInValidators].sort());
  });

  describe.each([{ transform: true }, { transform: true, whitelist: true }, {}])('with %j', (options) => {
    it.each(Object.entries(decoratorCases))('%s is compiled', async (_, { decorate, valid }) => {
      const pipe = pipeOf(options);
      const Dto = dtoWith(decorate());
      const compiled = compiledFor(pipe, Dto);
      for (const value of valid) {
        const expected = await byLibraries(pipe, Dto, { property: copyOf(value) });
        expect([value, expected.isValid]).toEqual([value, true]);
        expect(byCompiled(compiled, { property: copyOf(value) })).toStrictEqual(expected);
      }
    });

    it.each(Object.entries(decoratorCases))(
      '%s is compiled for each item',
      async (_, { decorate, valid }) => {
        const pipe = pipeOf(options);
        const Dto = dtoWith(decorate({ each: true }));
        const compiled = compiledFor(pipe, Dto);
        for (const value of [[], valid, ...valid.map((one) => [one, one])]) {
          const expected = await byLibraries(pipe, Dto, { property: copyOf(value) });
          const actual = byCompiled(compiled, { property: copyOf(value) });
          // Some look at the list itself all the same.
          expect(actual).toStrictEqual(expected.isValid ? expected : undefined);
        }
      },
    );
  });

  it.each(Object.entries(decoratorCases))(
    '%s leaves what is invalid to the libraries',
    async (_, { decorate }) => {
      const pipe = pipeOf({ transform: true });
      const Dto = dtoWith(decorate());
      const compiled = compiledFor(pipe, Dto);
      for (const value of [
        '',
        '\u0000 x',
        'no such value',
        -0.123456,
        1e21,
        NaN,
        true,
        null,
        [],
        [null],
        {},
        { x: 'y' },
        undefined,
      ]) {
        const expected = await byLibraries(pipe, Dto, { property: value });
        const actual = byCompiled(compiled, { property: value });
        if (actual !== undefined) expect(actual).toStrictEqual(expected);
      }
    },
  );
});
