import { Tree } from '@angular-devkit/schematics';
import type { UnitTestTree } from '@angular-devkit/schematics/testing/index.js';

import { devkit } from './built-collection.js';

/** A file system with the given files. */
export function treeOf(files: Readonly<Record<string, string>>): UnitTestTree {
  const tree = new devkit.UnitTestTree(Tree.empty());
  for (const [path, content] of Object.entries(files)) tree.create(path, content);
  return tree;
}

/** The app that `nest new` makes, as far as the schematics look at it. */
export function nestAppFiles({ esm = false, nest = 12, sourceRoot = 'src' } = {}): Record<string, string> {
  const js = esm ? '.js' : '';
  return {
    'package.json': packageJson(nest, esm),
    'nest-cli.json': JSON.stringify({ collection: '@nestjs/schematics', sourceRoot }),
    'tsconfig.json': '{}',
    [`${sourceRoot}/main.ts`]: `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module${js}';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
`,
    [`${sourceRoot}/app.module.ts`]: `import { Module } from '@nestjs/common';
import { AppController } from './app.controller${js}';
import { AppService } from './app.service${js}';

@Module({
  imports: [],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`,
  };
}

/** A package.json of two-space JSON, as npm writes it. */
export function packageJson(nest: number, esm: boolean, dependencies: Record<string, string> = {}): string {
  const content = {
    name: 'app',
    ...(esm && { type: 'module' }),
    dependencies: {
      '@nestjs/common': `^${nest}.0.1`,
      '@nestjs/core': `^${nest}.0.1`,
      ...dependencies,
      rxjs: '^7.8.1',
    },
    devDependencies: { '@nestjs/cli': `^${nest}.0.0`, typescript: '^6.0.2' },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
