import type { UnitTestTree } from '@angular-devkit/schematics/testing/index.js';
import { format, resolveConfig } from 'prettier';

import { schematicRunner } from './built-collection.js';
import { nestAppFiles, packageJson, treeOf } from './nest-app-tree.js';

/** What `nest g -c gatewire gateway NAME` passes when the user says no more. */
const cliFlags = {
  language: 'ts',
  sourceRoot: 'src',
  spec: true,
  flat: false,
  specFileSuffix: 'spec',
  format: false,
  skipImport: false,
  collection: 'gatewire',
};

const validator = { 'class-transformer': '^0.5.1', 'class-validator': '^0.15.1' };

async function generate(options: object, files = nestAppFiles({ esm: true })): Promise<UnitTestTree> {
  return schematicRunner().runSchematic('gateway', { ...cliFlags, ...options }, treeOf(files));
}

function addedFiles(tree: UnitTestTree, files = nestAppFiles({ esm: true })): readonly string[] {
  return tree.files.map((path) => path.slice(1)).filter((path) => !(path in files));
}

describe('nest g -c gatewire gateway', () => {
  it('creates the gateway, its DTO and its spec in a folder of their own', async () => {
    const tree = await generate({ name: 'chat' });

    expect(addedFiles(tree)).toEqual([
      'src/chat/chat.gateway.ts',
      'src/chat/chat.gateway.spec.ts',
      'src/chat/dto/chat-message.dto.ts',
    ]);
  });

  it('writes a plain class where class-validator is missing', async () => {
    const tree = await generate({ name: 'chat' });

    expect(tree.readText('src/chat/chat.gateway.ts')).toBe(`import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { ChatMessageDto } from './dto/chat-message.dto.js';

@WebSocketGateway()
export class ChatGateway {
  @SubscribeMessage('chat.message')
  handleMessage(@MessageBody() message: ChatMessageDto): ChatMessageDto {
    return message;
  }
}
`);
    expect(tree.readText('src/chat/dto/chat-message.dto.ts')).toBe(
      'export class ChatMessageDto {\n  text!: string;\n}\n',
    );
  });

  it('validates where class-validator and class-transformer are installed', async () => {
    const files = { ...nestAppFiles(), 'package.json': packageJson(12, false, validator) };
    const tree = await generate({ name: 'chat' }, files);

    expect(tree.readText('src/chat/chat.gateway.ts')).toContain(
      '@UsePipes(new ValidationPipe())\nexport class',
    );
    expect(tree.readText('src/chat/dto/chat-message.dto.ts')).toContain('  @IsString()\n');
    expect(tree.readText('src/chat/chat.gateway.spec.ts')).toContain('refuses a message that is not valid');
  });

  it('has the spec connect a client, with no import of a test framework', async () => {
    const spec = (await generate({ name: 'chat' })).readText('src/chat/chat.gateway.spec.ts');

    expect(spec).toContain("import { WebSocket } from 'ws';");
    expect(spec).toContain("import { ChatGateway } from './chat.gateway.js';");
    expect(spec).not.toMatch(/from '(vitest|@jest\/globals)'/);
  });

  it.each<[string, object, string]>([
    ['a name in camel case', { name: 'chatRoom' }, 'src/chat-room/chat-room.gateway.ts'],
    ['a name in pascal case', { name: 'ChatRoom' }, 'src/chat-room/chat-room.gateway.ts'],
    ['a name of two words', { name: 'chat room' }, 'src/chat-room/chat-room.gateway.ts'],
    ['a folder in the name', { name: 'live/chat-room' }, 'src/live/chat-room/chat-room.gateway.ts'],
    ['a path', { name: 'chat-room', path: 'live' }, 'src/live/chat-room/chat-room.gateway.ts'],
    ['a flat layout', { name: 'live/chat-room', flat: true }, 'src/live/chat-room.gateway.ts'],
    [
      'another source root',
      { name: 'chat-room', sourceRoot: 'apps/x/src' },
      'apps/x/src/chat-room/chat-room.gateway.ts',
    ],
  ])('understands %s', async (_case, options, path) => {
    const tree = await generate(options);

    expect(tree.readText(path)).toContain('export class ChatRoomGateway {');
    expect(tree.readText(path)).toContain("@SubscribeMessage('chat-room.message')");
  });

  it('puts the DTO of a flat gateway beside it', async () => {
    const tree = await generate({ name: 'chat', flat: true });

    expect(tree.exists('src/dto/chat-message.dto.ts')).toBe(true);
  });

  it('leaves out the spec, and what only the spec needs', async () => {
    const tree = await generate({ name: 'chat', spec: false });

    expect(addedFiles(tree).some((path) => path.includes('spec'))).toBe(false);
    expect(tree.readText('package.json')).not.toContain('"ws"');
  });

  it('names the spec with the suffix of the app', async () => {
    const tree = await generate({ name: 'chat', specFileSuffix: 'test' });

    expect(tree.exists('src/chat/chat.gateway.test.ts')).toBe(true);
  });

  describe('the module', () => {
    it('provides the gateway in the nearest one', async () => {
      const files = {
        ...nestAppFiles({ esm: true }),
        'src/live/live.module.ts': '@Module({})\nexport class LiveModule {}\n',
      };
      const tree = await generate({ name: 'live/chat/room' }, files);

      expect(tree.readText('src/live/live.module.ts'))
        .toBe(`import { RoomGateway } from './chat/room/room.gateway.js';

@Module({
  providers: [RoomGateway],
})
export class LiveModule {}
`);
      expect(tree.readText('src/app.module.ts')).not.toContain('RoomGateway');
    });

    it.each(['live', 'live/live', 'live/live.module', 'src/live/live.module.ts'])(
      'is the one named %s',
      async (module) => {
        const files = {
          ...nestAppFiles(),
          'src/live/live.module.ts': '@Module({})\nexport class LiveModule {}\n',
        };
        const tree = await generate({ name: 'chat', module }, files);

        expect(tree.readText('src/live/live.module.ts')).toContain('providers: [ChatGateway]');
      },
    );

    it.each([
      ['live/chat', 'src/live/live.module.ts'],
      ['chat', 'src/app.module.ts'],
    ])('is the main one of several in a folder, for %s', async (name, path) => {
      const others = ['src/a.module.ts', 'src/live/a.module.ts', 'src/live/live.module.ts'];
      const modules = others.map((other) => [other, '@Module({})\nexport class OtherModule {}\n']);
      const tree = await generate({ name }, { ...nestAppFiles(), ...Object.fromEntries(modules) });

      expect(tree.readText(path)).toContain('ChatGateway');
    });

    it('stays as it is with skipImport', async () => {
      const files = nestAppFiles({ esm: true });
      const tree = await generate({ name: 'chat', skipImport: true }, files);

      expect(tree.readText('src/app.module.ts')).toBe(files['src/app.module.ts']);
    });

    it('may be missing', async () => {
      const files = nestAppFiles();
      delete files['src/app.module.ts'];
      const tree = await generate({ name: 'chat' }, files);

      expect(tree.exists('src/chat/chat.gateway.ts')).toBe(true);
    });
  });

  it.each(['chat', 'room-list', 'a-name-longer-than-most-names-are'])(
    'formats %s as Prettier does',
    async (name) => {
      const files = { ...nestAppFiles(), 'package.json': packageJson(12, false, validator) };
      const tree = await generate({ name }, files);

      for (const path of [...addedFiles(tree), 'src/app.module.ts']) {
        const text = tree.readText(path);
        expect(text).toBe(
          await format(text, { parser: 'typescript', singleQuote: true, trailingComma: 'all' }),
        );
      }
    },
  );

  it('formats with the configuration of the workspace when asked to', async () => {
    const tree = await generate({ name: 'room-list', format: true });
    const configuration = await resolveConfig('src/room-list/room-list.gateway.ts');

    const text = tree.readText('src/room-list/room-list.gateway.ts');
    expect(text).toBe(await format(text, { ...configuration, parser: 'typescript' }));
  });

  it.each<[string, object, string]>([
    [
      'a name that no class can have',
      { name: '2fast' },
      '"2fast" cannot name a gateway: a class cannot be called "2fastGateway".',
    ],
    ['an app in JavaScript', { name: 'chat', language: 'js' }, 'gatewire generates TypeScript'],
    [
      'an unknown project',
      { name: 'chat', project: 'nope' },
      'nest-cli.json has no project "nope" (it has: none).',
    ],
    ['an unknown module', { name: 'chat', module: 'nope' }, 'No module "nope" in src/chat or src or .'],
  ])('refuses %s', async (_case, options, message) => {
    await expect(generate(options)).rejects.toThrow(message);
  });

  it('never writes over a file', async () => {
    const files = { ...nestAppFiles(), 'src/chat/chat.gateway.ts': 'mine' };

    await expect(generate({ name: 'chat' }, files)).rejects.toThrow(
      'Nothing was written, because of existing files: src/chat/chat.gateway.ts.',
    );
  });
});
