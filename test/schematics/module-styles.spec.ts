import { schematicRunner } from './built-collection.js';
import { nestAppFiles, treeOf } from './nest-app-tree.js';

/** Has a root module of the given text provide `EventsGateway`, and import `GatewireModule`. */
async function edited(module: string): Promise<string> {
  const tree = treeOf({ ...nestAppFiles(), 'src/app.module.ts': module });
  const result = await schematicRunner().runSchematic('nest-add', { spec: false }, tree);
  // Not readText, which hides a byte order mark.
  return result.read('src/app.module.ts')!.toString('utf8');
}

const forRoot = 'GatewireModule.forRoot({ guardConnections: true, globalFilters: true })';
const imports = `import { GatewireModule } from 'gatewire';\nimport { EventsGateway } from './events/events.gateway';\n`;

describe('the module that is edited', () => {
  it.each<[string, string, string]>([
    [
      'without arguments',
      `@Module()\nexport class AppModule {}\n`,
      `@Module({\n  imports: [\n    ${forRoot},\n  ],\n  providers: [EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with an empty object',
      `@Module({})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [\n    ${forRoot},\n  ],\n  providers: [EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with lists on one line',
      `@Module({\n  imports: [ConfigModule, DbModule.forRoot()],\n  providers: [A, B],\n})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [\n    ConfigModule,\n    DbModule.forRoot(),\n    ${forRoot},\n  ],\n  providers: [A, B, EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with lists of one a line, with and without a trailing comma',
      `@Module({\n  imports: [\n    ConfigModule,\n  ],\n  providers: [\n    A,\n    B\n  ],\n})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [\n    ConfigModule,\n    ${forRoot},\n  ],\n  providers: [\n    A,\n    B,\n    EventsGateway\n  ],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with comments beside the elements',
      `@Module({\n  imports: [\n    ConfigModule, // env\n    DbModule // data\n  ],\n  providers: [\n    // none yet\n  ],\n})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [\n    ConfigModule, // env\n    DbModule, // data\n    ${forRoot}\n  ],\n  providers: [\n    // none yet\n    EventsGateway,\n  ],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with an element of many lines that begins behind the bracket',
      `@Module({\n  imports: [ConfigModule.forRoot({\n    isGlobal: true,\n  })],\n})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [ConfigModule.forRoot({\n    isGlobal: true,\n  }), ${forRoot}],\n  providers: [EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with lists that are written elsewhere',
      `@Module({\n  imports: shared,\n  providers,\n})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [...shared, ${forRoot}],\n  providers: [...providers, EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with a list that is chosen',
      `@Module({\n  imports: test ? [] : [DbModule],\n})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [...(test ? [] : [DbModule]), ${forRoot}],\n  providers: [EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with quoted keys',
      `@Module({\n  'imports': [],\n  'providers': [],\n})\nexport class AppModule {}\n`,
      `@Module({\n  'imports': [\n    ${forRoot},\n  ],\n  'providers': [EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with another decorator above and a call through a namespace',
      `@Global()\n@nest.Module({ controllers: [A] })\nexport class AppModule {}\n`,
      `@Global()\n@nest.Module({\n  imports: [\n    ${forRoot},\n  ],\n  controllers: [A],\n  providers: [EventsGateway],\n})\nexport class AppModule {}\n`,
    ],
    [
      'with other metadata first',
      `@Module({\n  // the web\n  controllers: [A],\n  exports: [B]\n})\nexport class AppModule {}\n`,
      `@Module({\n  imports: [\n    ${forRoot},\n  ],\n  // the web\n  controllers: [A],\n  exports: [B],\n  providers: [EventsGateway]\n})\nexport class AppModule {}\n`,
    ],
  ])('is understood %s', async (_case, module, expected) => {
    expect(await edited(module)).toBe(`${imports}\n${expected}`);
  });

  it('is written in its own style: double quotes, no semicolons, tabs, CRLF', async () => {
    const lines = [
      'import { Module } from "@nestjs/common"',
      '',
      '@Module({',
      '\tproviders: [],',
      '})',
      'export class AppModule {}',
      '',
    ];

    expect(await edited(lines.join('\r\n'))).toBe(
      [
        'import { Module } from "@nestjs/common"',
        'import { GatewireModule } from "gatewire"',
        'import { EventsGateway } from "./events/events.gateway"',
        '',
        '@Module({',
        '\timports: [',
        `\t\t${forRoot},`,
        '\t],',
        '\tproviders: [EventsGateway],',
        '})',
        'export class AppModule {}',
        '',
      ].join('\r\n'),
    );
  });

  it('keeps its byte order mark', async () => {
    const text = await edited(`\uFEFF@Module({})\nexport class AppModule {}\n`);

    expect(text.startsWith('\uFEFFimport { GatewireModule }')).toBe(true);
  });

  it('breaks a list of providers that grows past the print width', async () => {
    const names = ['FirstOfTheServices', 'SecondOfTheServices', 'ThirdOfTheServices'];
    const text = await edited(
      `@Module({\n  providers: [${names.join(', ')}],\n})\nexport class AppModule {}\n`,
    );

    expect(text).toContain(`  providers: [\n    ${names.join(',\n    ')},\n    EventsGateway,\n  ],\n`);
  });
});

describe('the imports that are edited', () => {
  const module = '\n@Module({})\nexport class AppModule {}\n';

  it.each<[string, string, string]>([
    [
      'joins an import of the same package',
      `import { Connection } from 'gatewire';`,
      `import { Connection, GatewireModule } from 'gatewire';`,
    ],
    [
      'stays apart from an import of types',
      `import type { Connection } from 'gatewire';`,
      `import type { Connection } from 'gatewire';\nimport { GatewireModule } from 'gatewire';`,
    ],
    [
      'is not repeated',
      `import { GatewireModule } from 'gatewire';`,
      `import { GatewireModule } from 'gatewire';`,
    ],
    [
      'goes between packages and files',
      `import { a } from 'a'; // first\nimport { b } from './b';`,
      `import { a } from 'a'; // first\nimport { GatewireModule } from 'gatewire';\nimport { b } from './b';`,
    ],
    [
      'goes above files',
      `// Copyright\nimport { b } from './b';`,
      `// Copyright\nimport { GatewireModule } from 'gatewire';\nimport { b } from './b';`,
    ],
    [
      'joins an import of many lines',
      `import {\n  Connection,\n  Handshake,\n} from 'gatewire';`,
      `import {\n  Connection,\n  Handshake,\n  GatewireModule,\n} from 'gatewire';`,
    ],
  ])('%s', async (_case, before, after) => {
    const own = `import { EventsGateway } from './events/events.gateway';`;

    const text = await edited(`${before}\n${module}`);
    const lines = text.split('\n').slice(0, `${after}\n${own}`.split('\n').length);

    expect(lines.join('\n')).toBe(`${after}\n${own}`);
  });

  it('end as those of the file do, whatever package.json says', async () => {
    const text = await edited(`import { A } from './a.js';\n${module}`);

    expect(text).toContain(`from './events/events.gateway.js';`);
  });
});
