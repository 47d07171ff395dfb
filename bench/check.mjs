// Before anything is measured: does each server do the work at all? A quick server that answers nothing wins every bench.
import { dialects } from './lib/dialects.mjs';
import { RawClient } from './lib/raw-client.mjs';
import { ServerProcess } from './lib/server-process.mjs';
import { sleep } from './lib/sleep.mjs';

/** @throws when a server does not answer an echo once, or does not deliver what is published */
export async function check(name, server, port) {
  const process_ = await ServerProcess.start(server, port, []);
  try {
    const dialect = dialects[server.dialect ?? 'json'];
    let frames = 0;
    const client = await new Promise((resolve, reject) => {
      const onClose = ({ isOpen, error }) => isOpen || reject(error);
      new RawClient({ port, dialect }, { onOpen: resolve, onClose, onFrames: (count) => (frames += count) });
    });
    const expectFrames = async (count, what) => {
      for (let i = 0; i < 40 && frames < count; i++) await sleep(25);
      if (frames !== count) throw new Error(`${name}: ${what} gave ${frames} frames, not ${count}`);
      frames = 0;
    };
    client.socket.write(dialect.echo(10_001));
    await expectFrames(1, 'an echo');
    client.socket.write(dialect.join());
    client.socket.write(dialect.publish(3));
    await expectFrames(3, 'a publish of three messages');
    client.socket.destroy();
  } finally {
    await process_.stop();
  }
}
