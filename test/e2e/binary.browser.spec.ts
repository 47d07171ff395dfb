import { type Browser, chromium } from 'playwright-core';
import { EngineFixture } from '../support/engine-fixture.js';
import { chromiumFlags, chromiumPath } from './chromium.js';
import { describeWith, succeeds } from './required-program.js';

/** Runs in the page: a bare WebSocket, and PROTOCOL.md's binary layout by hand. */
async function talk(url: string): Promise<unknown> {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const frames: (string | ArrayBuffer)[] = [];
  let wake = (): void => undefined;
  socket.onmessage = ({ data }) => {
    frames.push(data as string | ArrayBuffer);
    wake();
  };
  const next = async (): Promise<string | ArrayBuffer> => {
    while (frames.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return frames.shift() as string | ArrayBuffer;
  };
  await new Promise((resolve) => (socket.onopen = resolve));

  const header = new TextEncoder().encode(JSON.stringify({ event: 'reverse', id: 1 }));
  const message = new Uint8Array(4 + header.length + 3);
  new DataView(message.buffer).setUint32(0, header.length);
  message.set(header, 4);
  message.set([1, 2, 3], 4 + header.length);
  socket.send(message.buffer);

  const reply = (await next()) as ArrayBuffer;
  const length = new DataView(reply).getUint32(0);
  const envelope = JSON.parse(new TextDecoder().decode(new Uint8Array(reply, 4, length))) as unknown;
  const raw = [...new Uint8Array(reply, 4 + length)];

  socket.send(JSON.stringify({ event: 'long', id: 2 }));
  const long = JSON.parse((await next()) as string) as { data: string };
  socket.close();
  return { envelope, raw, long: long.data.length };
}

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('a bare WebSocket of a browser', () => {
  let browser: Browser | undefined;
  let fixture: EngineFixture | undefined;
  afterEach(async () => {
    await browser?.close();
    await fixture?.stop();
  });

  it('sends an ArrayBuffer, gets an object that holds bytes, and a long message in fragments', async () => {
    fixture = await EngineFixture.start({
      // The page is a blank one, of no host.
      options: { origins: false, fragmentBytes: 10_000 },
      handlers: {
        reverse: (data) => ({ file: Buffer.from(data as Uint8Array).reverse(), name: 'r' }),
        long: () => 'z'.repeat(1_000_000),
      },
    });
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    const page = await browser.newPage();
    expect(await page.evaluate(talk, fixture.url)).toEqual({
      envelope: { id: 1, data: { file: { $bytes: [0, 3] }, name: 'r' } },
      raw: [3, 2, 1],
      long: 1_000_000,
    });
  });
});
