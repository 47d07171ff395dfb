import type { INestApplication } from '@nestjs/common';
import { CallLog } from './call-log.js';
import { type ClientOptions, RecordedClient } from './recorded-client.js';

/** A running application, for a scenario to play on. */
export class Stage {
  readonly clients: RecordedClient[] = [];

  constructor(
    readonly app: INestApplication,
    readonly port: number,
  ) {}

  get log(): CallLog {
    return this.app.get(CallLog);
  }

  /** Connects and waits for the outcome of the handshake, whatever it is. */
  async connect(path = '/', options: ClientOptions = {}): Promise<RecordedClient> {
    const client = new RecordedClient(`ws://127.0.0.1:${options.port ?? this.port}${path}`, options);
    this.clients.push(client);
    return client.ready();
  }
}
