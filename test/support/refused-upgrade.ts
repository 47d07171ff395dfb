import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { TestClient } from './test-client.js';

/** The HTTP answer of a server that does not want a connection. */
export interface RefusedUpgrade {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: { code?: string; message?: string };
}

/** Connects, and gives the answer that refuses; throws when none does. */
export async function refusedUpgrade(
  ...to: ConstructorParameters<typeof TestClient>
): Promise<RefusedUpgrade> {
  const client = new TestClient(...to);
  const refused = once(client.socket, 'unexpected-response').then(async ([, answer]) => {
    const response = answer as IncomingMessage;
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: JSON.parse(text) as RefusedUpgrade['body'],
    };
  });
  const opened = once(client.socket, 'open').then(() => {
    client.terminate();
    throw new Error('the connection was not refused');
  });
  return Promise.race([refused, opened]);
}
