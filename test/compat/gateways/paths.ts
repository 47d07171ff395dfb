import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { freePort } from '../../support/free-port.js';
import type { Scenario } from '../oracle/scenario.js';

class NamedGateway {
  @SubscribeMessage('who')
  who(@MessageBody() data: unknown): unknown {
    return { event: this.constructor.name, data };
  }
}

@WebSocketGateway()
class RootGateway extends NamedGateway {}

@WebSocketGateway({ path: '/a' })
class PathAGateway extends NamedGateway {}

@WebSocketGateway({ path: 'b' })
class PathBGateway extends NamedGateway {}

@WebSocketGateway({ path: '/a/deeper/' })
class DeeperGateway extends NamedGateway {}

const [withoutPath, withPaths] = [await freePort(), await freePort()];

@WebSocketGateway(withoutPath)
class OwnPortGateway extends NamedGateway {}

@WebSocketGateway(withPaths, { path: '/a' })
class OwnPortPathAGateway extends NamedGateway {}

@WebSocketGateway(withPaths, { path: '/b' })
class OwnPortPathBGateway extends NamedGateway {}

async function ask(client: {
  send(frame: unknown): void;
  receives(count: number): Promise<void>;
}): Promise<void> {
  client.send({ event: 'who', data: 1 });
  await client.receives(1);
}

export const paths: Scenario[] = [
  {
    name: 'serves each path by its own gateway',
    module: { providers: [RootGateway, PathAGateway, PathBGateway, DeeperGateway] },
    play: async (stage) => {
      for (const path of ['/', '/?token=1', '', '/a', '/a?x=%20', '/b', '/a/deeper'])
        await ask(await stage.connect(path));
    },
  },
  {
    name: 'serves a gateway with its own port, on any path',
    module: { providers: [OwnPortGateway, RootGateway] },
    play: async (stage) => {
      await ask(await stage.connect('/', { port: withoutPath }));
      await ask(await stage.connect('/'));
      await ask(await stage.connect('/anything?x=1', { port: withoutPath }));
    },
  },
  {
    name: 'serves two paths on one own port',
    module: { providers: [OwnPortPathAGateway, OwnPortPathBGateway, PathAGateway] },
    play: async (stage) => {
      await ask(await stage.connect('/a', { port: withPaths }));
      await ask(await stage.connect('/b?x', { port: withPaths }));
      await ask(await stage.connect('/a'));
    },
  },
];
