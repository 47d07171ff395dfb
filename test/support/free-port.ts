import { createServer } from 'node:net';

/** Below what the system gives to connections and to who asks for any port: nobody takes it before it is used. */
const firstPort = 10_000;
const lastPort = 32_000;

/** A port that nobody listens on: a gateway's decorator needs a number before anything listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort));
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
