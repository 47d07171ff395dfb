import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

interface CommonJsModule {
  exports: Record<string, unknown>;
}

type Wrapper = (
  exports: unknown,
  require: (id: string) => unknown,
  module: CommonJsModule,
  filename: string,
  dirname: string,
) => void;

/**
 * Loads a CommonJS package that requires ES modules, as Node does from 20.19 on and Jest only on Node 24.9.
 *
 * @param modules what it gets for the ES modules that it requires
 */
export function requireWithEsm(name: string, modules: Record<string, unknown>): unknown {
  const { resolve } = createRequire(import.meta.url);
  const known = new Map<string, CommonJsModule>();
  const load = (file: string): unknown => {
    const loaded = known.get(file);
    if (loaded !== undefined) return loaded.exports;
    const module: CommonJsModule = { exports: {} };
    known.set(file, module);
    const ownRequire = createRequire(file);
    const source = readFileSync(file, 'utf8');
    // node:vm would compile it for the realm outside Jest's, where Reflect holds no metadata.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the package's own code
    const run = new Function(
      'exports',
      'require',
      'module',
      '__filename',
      '__dirname',
      source,
    ) as unknown as Wrapper;
    const require = (id: string): unknown =>
      modules[id] ?? (id.startsWith('.') ? load(ownRequire.resolve(id)) : ownRequire(id));
    run(module.exports, require, module, file, dirname(file));
    return module.exports;
  };
  return load(resolve(name));
}
