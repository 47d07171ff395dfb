import type { SerializerLibrary } from '../pipeline/stages/serialize/serializer-library.js';
import type {
  TransformStorage,
  ValidationLibraries,
} from '../pipeline/stages/validation/validation-libraries.js';

/** class-transformer, as far as it is used; it is optional. */
export interface TransformerPackage {
  readonly instanceToPlain: ValidationLibraries['instanceToPlain'];
  Expose(): PropertyDecorator;
  Transform(transform: (params: object) => unknown): PropertyDecorator;
}

/** The package, and the storage of its decorators, which it does not export. Rejects where either is missing. */
export async function loadClassTransformer(): Promise<[TransformerPackage, TransformStorage]> {
  const [transformer, storage] = await Promise.all([
    importPackage('class-transformer'),
    importPackage('class-transformer/cjs/storage.js'),
  ]);
  const { defaultMetadataStorage } = storage as { defaultMetadataStorage: TransformStorage };
  return [transformer as TransformerPackage, defaultMetadataStorage];
}

/** The name is no literal: neither a bundler nor the compiler must take an optional package for a dependency. */
export async function importPackage(name: string): Promise<unknown> {
  const imported = (await import(name)) as { default?: unknown };
  return imported.default ?? imported;
}

/** For `Serialize`. Rejects with what to install. */
export async function loadSerializer(): Promise<SerializerLibrary> {
  const [{ instanceToPlain }, storage] = await loadClassTransformer().catch((cause: unknown) => {
    throw new Error('Serialize needs the package class-transformer: npm install class-transformer', {
      cause,
    });
  });
  const kinds = [
    storage._exposeMetadatas,
    storage._excludeMetadatas,
    storage._transformMetadatas,
    storage._typeMetadatas,
  ];
  return {
    instanceToPlain,
    knows: (target) => ancestry(target).some((one) => kinds.some((kind) => kind.has(one))),
  };
}

function ancestry(target: unknown): unknown[] {
  const classes: unknown[] = [];
  for (let one = target; typeof one === 'function'; one = Object.getPrototypeOf(one)) classes.push(one);
  return classes;
}
