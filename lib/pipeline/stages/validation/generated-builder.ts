import { generated } from './generated-code.js';
import { type Deletion, isClean } from './plain-data.js';
import type { PropertyWriter } from './property-writer.js';
import { undecided } from './undecided.js';

/** Builds an instance of an input all of whose keys are taken as they come. */
export type BuildFunction = (
  input: Record<string, unknown>,
  deletions: Deletion[],
) => object | typeof undecided;

/** What becomes of a key that no decorator names. False: undecided. */
export type WriteOther = (
  instance: Record<string, unknown>,
  key: string,
  value: unknown,
  deletions: Deletion[],
) => boolean;

/** The steps of `InstanceBuilder.build()` for one class, written out; undefined where code cannot be generated. */
export function generateBuild(
  target: new () => object,
  writers: ReadonlyMap<string, PropertyWriter | null>,
  writeOther: WriteOther,
): BuildFunction | undefined {
  const list = [...writers];
  const cases = list.map(([key, writer], index) => {
    const read = `case ${JSON.stringify(key)}: v = input[${JSON.stringify(key)}];`;
    if (writer === null) return `${read} if (!isClean(v)) return undecided; break;`;
    const write = `if (!writers[${index}].write(o, input, v, deletions)) return undecided; break;`;
    const check = writer.simpleCheck;
    if (check === undefined) return `${read} ${write}`;
    const place = `o[${JSON.stringify(writer.property)}]`;
    return `${read} if ((${check}) && typeof ${place} !== "function") { ${place} = v; break; } ${write}`;
  });
  return generated(
    { Target: target, writers: list.map(([, writer]) => writer), writeOther, isClean, undecided },
    `function build(input, deletions) {
      const o = new Target();
      if (o.constructor !== Target) return undecided;
      for (const key of Object.keys(input)) {
        let v;
        switch (key) {
          ${cases.join('\n          ')}
          default: if (!writeOther(o, key, input[key], deletions)) return undecided;
        }
      }
      return o;
    }`,
  ) as BuildFunction | undefined;
}
