import type { UnitTestTree } from '@angular-devkit/schematics/testing/index.js';

import { schematicRunner } from './built-collection.js';
import { nestAppFiles, packageJson, treeOf } from './nest-app-tree.js';

/** What the Nest CLI passes, and more than the schema names. */
const cliFlags = { sourceRoot: 'src', unknownFlag: 'x' };

async function nestAdd(tree: UnitTestTree, options: object = cliFlags) {
  const runner = schematicRunner();
  const warnings: string[] = [];
  runner.logger.subscribe(({ level, message }) => level === 'warn' && warnings.push(message));
  const result = await runner.runSchematic('nest-add', options, tree);
  return { tree: result, tasks: runner.tasks, warnings };
}

function contentsOf(tree: UnitTestTree): Record<string, string> {
  return Object.fromEntries(tree.files.map((path) => [path, tree.readText(path)]));
}

describe('nest add gatewire', () => {
  it('imports the module and provides a first gateway in an ESM app', async () => {
    const { tree } = await nestAdd(treeOf(nestAppFiles({ esm: true })));

    expect(tree.readText('src/app.module.ts')).toBe(`import { Module } from '@nestjs/common';
import { GatewireModule } from 'gatewire';
import { AppController } from './app.controller.js';
import { AppService } from './app.service.js';
import { EventsGateway } from './events/events.gateway.js';

@Module({
  imports: [
    GatewireModule.forRoot({ guardConnections: true, globalFilters: true }),
  ],
  controllers: [AppController],
  providers: [AppService, EventsGateway],
})
export class AppModule {}
`);
    expect(tree.readText('src/events/events.gateway.ts')).toContain("from './dto/events-message.dto.js';");
    expect(tree.readText('src/events/events.gateway.spec.ts')).toContain("from './events.gateway.js';");
  });

  it('imports files without an extension in a CommonJS app', async () => {
    const { tree } = await nestAdd(treeOf(nestAppFiles({ nest: 11 })));

    const module = tree.readText('src/app.module.ts');
    expect(module).toContain("import { EventsGateway } from './events/events.gateway';");
    expect(tree.readText('src/events/events.gateway.ts')).toContain("from './dto/events-message.dto';");
  });

  it.each([11, 12])('adds what a Nest %i app lacks to package.json, and one install task', async (nest) => {
    const { tree, tasks } = await nestAdd(treeOf(nestAppFiles({ nest })));

    const text = tree.readText('package.json');
    const { dependencies, devDependencies } = JSON.parse(text);
    expect(dependencies['@nestjs/websockets']).toBe(`^${nest}.0.0`);
    expect(Object.keys(dependencies)).toEqual(Object.keys(dependencies).sort());
    expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(['@types/ws', 'ws']));
    expect(text).toMatch(/^{\n {2}"name"[^]*}\n$/);
    expect(tasks.map(({ name }) => name)).toEqual(['node-package']);
  });

  it('follows the installed version of Nest where package.json names none', async () => {
    const files = nestAppFiles();
    files['package.json'] = files['package.json']!.replaceAll('^12.0.1', 'latest');
    files['node_modules/@nestjs/core/package.json'] = JSON.stringify({ version: '11.2.6' });
    const { tree } = await nestAdd(treeOf(files));

    expect(JSON.parse(tree.readText('package.json')).dependencies['@nestjs/websockets']).toBe('^11.0.0');
  });

  it.each([
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['package-lock.json', 'npm'],
  ])('installs with the package manager of %s', async (lockFile, packageManager) => {
    const { tasks } = await nestAdd(treeOf({ ...nestAppFiles(), [lockFile]: '' }));

    expect(tasks[0]?.options).toMatchObject({ command: 'install', packageManager });
  });

  it('changes nothing when it runs twice', async () => {
    const once = await nestAdd(treeOf(nestAppFiles({ esm: true })));
    const before = contentsOf(once.tree);
    const twice = await nestAdd(once.tree);

    expect(contentsOf(twice.tree)).toEqual(before);
    expect(twice.tasks).toEqual([]);
  });

  it('adds no gateway to an app that has one', async () => {
    const files = nestAppFiles();
    files['src/chat/chat.gateway.ts'] = '@WebSocketGateway()\nexport class ChatGateway {}\n';
    const { tree } = await nestAdd(treeOf(files));

    expect(tree.exists('src/events/events.gateway.ts')).toBe(false);
    expect(tree.readText('src/app.module.ts')).toContain('GatewireModule.forRoot(');
    expect(JSON.parse(tree.readText('package.json')).dependencies).toHaveProperty('@nestjs/websockets');
  });

  it.each([
    [
      'another module imports it',
      'src/core.module.ts',
      'imports: [GatewireModule.forRootAsync({ useFactory })]',
    ],
    [
      'the app is given the adapter',
      'src/bootstrap.ts',
      'app.useWebSocketAdapter(new GatewireAdapter(app));',
    ],
  ])('leaves the root module alone when %s', async (_case, path, content) => {
    const { tree, warnings } = await nestAdd(treeOf({ ...nestAppFiles(), [path]: content }));

    expect(tree.readText('src/app.module.ts')).not.toContain('GatewireModule');
    expect(warnings).toEqual([]);
  });

  it('warns of another adapter, which would take its place', async () => {
    const files = nestAppFiles();
    files['src/main.ts'] = 'app.useWebSocketAdapter(new WsAdapter(app));\n';
    const { warnings } = await nestAdd(treeOf(files));

    expect(warnings).toEqual([expect.stringContaining('src/main.ts calls useWebSocketAdapter()')]);
  });

  it.each([
    ['the source root that the CLI passes', { sourceRoot: 'apps/api/src' }],
    ['a project of nest-cli.json', { project: 'api' }],
  ])('works in a monorepo by %s', async (_case, options) => {
    const api = nestAppFiles({ sourceRoot: 'apps/api/src' });
    const shop = nestAppFiles({ sourceRoot: 'apps/shop/src' });
    const projects = { shop: { sourceRoot: 'apps/shop/src' }, api: { sourceRoot: 'apps/api/src' } };
    const nestCli = JSON.stringify({ monorepo: true, sourceRoot: 'apps/shop/src', projects });
    const { tree } = await nestAdd(treeOf({ ...api, ...shop, 'nest-cli.json': nestCli }), options);

    expect(tree.readText('apps/api/src/app.module.ts')).toContain('GatewireModule');
    expect(tree.exists('apps/api/src/events/events.gateway.spec.ts')).toBe(true);
    expect(tree.readText('apps/shop/src/app.module.ts')).not.toContain('GatewireModule');
  });

  it('follows the entry file to a root module of another name', async () => {
    const files = nestAppFiles();
    files['nest-cli.json'] = JSON.stringify({ sourceRoot: 'src', entryFile: 'server' });
    files['src/server.ts'] = files['src/main.ts']!.replace('./app.module', './shop/root').replaceAll(
      'AppModule',
      'Shop',
    );
    files['src/shop/root.ts'] = '@Module({})\nclass Other {}\n\n@Module({})\nexport class Shop {}\n';
    const { tree } = await nestAdd(treeOf(files));

    expect(tree.readText('src/shop/root.ts')).toMatch(/class Other {}\n[^]*GatewireModule.forRoot/);
    expect(tree.readText('src/shop/root.ts')).toContain(
      "import { EventsGateway } from '../events/events.gateway';",
    );
    expect(tree.readText('src/app.module.ts')).not.toContain('GatewireModule');
  });

  it('takes the module that the user names', async () => {
    const files = {
      ...nestAppFiles(),
      'src/core/core.module.ts': '@Module({})\nexport class CoreModule {}\n',
    };
    const { tree } = await nestAdd(treeOf(files), { module: 'core' });

    expect(tree.readText('src/core/core.module.ts')).toContain('GatewireModule.forRoot(');
  });

  it('names the first gateway as asked, and leaves out its spec', async () => {
    const { tree } = await nestAdd(treeOf(nestAppFiles()), { gateway: 'chat', spec: false });

    expect(tree.readText('src/chat/chat.gateway.ts')).toContain('export class ChatGateway');
    expect(tree.files.some((path) => path.endsWith('.spec.ts'))).toBe(false);
    expect(JSON.parse(tree.readText('package.json')).devDependencies).not.toHaveProperty('ws');
  });

  describe('refuses, and says why', () => {
    it.each<[string, (files: Record<string, string>) => void, object, string]>([
      [
        'an app without a root module',
        (files) => {
          delete files['src/app.module.ts'];
        },
        {},
        'No root module found: src/main.ts does not lead to one, and there is no src/app.module.ts. Name it with --module',
      ],
      [
        'a module whose metadata is written elsewhere',
        (files) => {
          files['src/app.module.ts'] = '@Module(metadata)\nexport class AppModule {}\n';
        },
        {},
        'src/app.module.ts was left as it is, because the argument of its @Module() is not an object literal. Add to the imports',
      ],
      [
        'a Nest that is too old',
        (files) => {
          files['package.json'] = packageJson(10, false);
        },
        {},
        'gatewire needs Nest 11 or 12; this application has @nestjs/core ^10.0.1.',
      ],
      [
        'a folder that is no Nest app',
        (files) => {
          files['package.json'] = '{}';
        },
        {},
        'package.json does not name @nestjs/core',
      ],
      [
        'a folder without package.json',
        (files) => {
          delete files['package.json'];
        },
        {},
        'No package.json here',
      ],
      [
        'an unknown project',
        () => undefined,
        { project: 'nope' },
        'nest-cli.json has no project "nope" (it has: none).',
      ],
      ['an unknown module', () => undefined, { module: 'nope' }, 'No module "nope" in src or .'],
    ])('%s', async (_case, change, options, message) => {
      const files = nestAppFiles();
      change(files);
      const tree = treeOf(files);

      await expect(nestAdd(tree, options)).rejects.toThrow(message);
      expect(contentsOf(tree)).toEqual(contentsOf(treeOf(files)));
    });
  });
});
