import type { TemplateContext } from './template-context.js';

/**
 * A spec that starts an application with the gateway and connects a client.
 *
 * It uses the globals that Vitest (Nest's ESM apps) and Jest (the others) have in common.
 */
export function specTemplate({ gatewayClass, event, gatewayImport, validates }: TemplateContext): string {
  return `import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { GatewireModule } from 'gatewire';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { ${gatewayClass} } from '${gatewayImport}';

describe('${gatewayClass}', () => {
  let app: INestApplication<Server>;
  let client: WebSocket;

  beforeEach(async () => {
    const module = await Test.createTestingModule({
      imports: [GatewireModule.forRoot()],
      providers: [${gatewayClass}],
    }).compile();
    app = module.createNestApplication();
    await app.listen(0, '127.0.0.1');

    const { port } = app.getHttpServer().address() as AddressInfo;
    client = new WebSocket(\`ws://127.0.0.1:\${port}\`);
    await once(client, 'open');
  });

  afterEach(async () => {
    client?.close();
    await app?.close();
  });

  async function request(data: unknown): Promise<unknown> {
    const event = '${event}';
    client.send(JSON.stringify({ id: 1, event, data }));
    const [frame] = (await once(client, 'message')) as [Buffer];
    return JSON.parse(frame.toString());
  }

  it('answers a message', async () => {
    const answer = await request({ text: 'hello' });

    expect(answer).toEqual({ id: 1, data: { text: 'hello' } });
  });
${validates ? refusal : ''}});
`;
}

const refusal = `
  it('refuses a message that is not valid', async () => {
    const answer = await request({ text: 42 });

    expect(answer).toMatchObject({
      id: 1,
      error: { code: 'VALIDATION_FAILED' },
    });
  });
`;
