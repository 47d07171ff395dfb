import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import { type Connection, type GatewireServer, Recorder } from '../../lib/index.js';
import { replay } from '../../lib/replay/replay.js';
import { NestApp } from './nest-app.js';

interface Said {
  readonly room: string;
  readonly text: string;
  readonly password?: string;
}

@WebSocketGateway({ path: '/chat' })
class Chat {
  @WebSocketServer() server!: GatewireServer;

  @SubscribeMessage('join')
  join(@ConnectedSocket() connection: Connection, @MessageBody() room: string): number {
    connection.join(room);
    return connection.rooms.size;
  }

  @SubscribeMessage('say')
  say(@MessageBody() { room, text }: Said): { length: number } {
    this.server.to(room).emit('said', { text });
    return { length: text.length };
  }
}

@WebSocketGateway({ path: '/chat' })
class LoudChat extends Chat {
  @SubscribeMessage('say')
  override say(said: Said): { length: number } {
    return super.say({ ...said, text: `${said.text}!` });
  }
}

@WebSocketGateway({ path: '/other' })
class Other {
  @SubscribeMessage('say')
  say(): string {
    return 'other';
  }
}

@Recorder('', {})
@WebSocketGateway()
class Nowhere {}

describe('a chat that is recorded', () => {
  let folder: string;
  let file: string;
  const apps: NestApp[] = [];

  const start = async (...setup: Parameters<typeof NestApp.start>): Promise<NestApp> => {
    const app = await NestApp.start(...setup);
    apps.push(app);
    return app;
  };

  /** Two who talk. */
  const talk = async (app: NestApp): Promise<void> => {
    const [ann, bob] = [await app.connect('/chat', 'gatewire.v1.json'), await app.connect('/chat')];
    await ann.ask('join', 'tea', 1);
    await bob.ask('join', 'tea', 1);
    for (let i = 0; i < 5; i++) {
      const from = i % 2 === 0 ? ann : bob;
      await from.ask('say', { room: 'tea', text: `no. ${i}`, password: 'secret' }, 2 + i);
      await (from === ann ? bob : ann).nextJson();
    }
    const other = await app.connect('/other');
    await other.ask('say');
    for (const client of [ann, bob, other]) client.close(1000);
    await Promise.all([ann, bob, other].map(({ closed }) => closed));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatewire-'));
    file = join(folder, 'traffic.ndjson');
  });

  afterEach(async () => {
    for (const app of apps.splice(0)) await app.stop();
    rmSync(folder, { recursive: true });
  });

  it('is the same on another instance, and a handler that has changed is named', async () => {
    const middleware = [Recorder.of(file, { redact: ['data.password'] })];
    const first = await start({ options: { middleware }, providers: [Chat, Other] });
    await talk(first);
    await first.stop();
    apps.pop();
    expect(readFileSync(file, 'utf8')).not.toContain('secret');

    const second = await start({ options: {}, providers: [Chat, Other] });
    const same = await replay({ file, url: second.url, speed: 'max' });
    expect(same).toMatchObject({ isSame: true, differences: [], failures: [], recording: { isWhole: true } });
    // Answers of 2 who join, of 5 and 1 who say something, and 5 times 2 who hear of it.
    expect(same.same).toBe(18);

    const loud = await start({ options: {}, providers: [LoudChat, Other] });
    const changed = await replay({ file, url: loud.url, speed: 'max', timeoutMs: 300 });
    expect(changed.same).toBe(3);
    expect(changed.differing).toBe(15);
    const places = changed.differences.map(({ event, paths }) => `${event} ${paths[0]?.path ?? ''}`);
    expect(new Set(places)).toEqual(new Set(['say data.length', 'said data.text']));
    const answer = changed.differences.find(({ event }) => event === 'say');
    expect(answer).toMatchObject({
      kind: 'changed',
      connection: 1,
      id: 2,
      paths: [{ path: 'data.length', expected: 5, actual: 6 }],
    });
  });

  it('is recorded by itself where the gateway says so', async () => {
    @Recorder(file)
    @WebSocketGateway({ path: '/chat' })
    class RecordedChat extends Chat {}
    const first = await start({ options: {}, providers: [RecordedChat, Other] });
    await talk(first);
    await first.stop();
    apps.pop();
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const opened = lines
      .filter((line) => line.includes('"opened"'))
      .map((line) => JSON.parse(line) as object);
    expect(opened).toMatchObject([{ path: '/chat' }, { path: '/chat' }]);
    const second = await start({ options: {}, providers: [Chat] });
    expect(await replay({ file, url: second.url, speed: 'max' })).toMatchObject({ isSame: true, same: 17 });
  });

  it('is not started where its options cannot work', async () => {
    await expect(start({ options: {}, providers: [Nowhere] })).rejects.toThrow('gatewire option "target"');
  });
});
