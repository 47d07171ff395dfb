import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Logger, Module } from '@nestjs/common';
import { Hunter } from './hunter.js';
import { randomFrom } from './random.js';
import { ServerProcess } from './server-process.js';
import { SupervisorController } from './supervisor.controller.js';

const { env } = process;

@Module({
  controllers: [SupervisorController],
  providers: [
    {
      provide: ServerProcess,
      useFactory: () => {
        const data = env['DATA'] ?? join(import.meta.dirname, '../../.data');
        mkdirSync(data, { recursive: true });
        const port = Number(env['SERVER_PORT'] ?? Number(env['PORT'] ?? 3000) + 1);
        const server = new ServerProcess({ program: join(import.meta.dirname, '../server.js'), port, data });
        server.start();
        return server;
      },
    },
    {
      provide: Hunter,
      inject: [ServerProcess],
      useFactory: (server: ServerProcess) => {
        const seed = Number(env['SEED'] ?? Date.now() % 100_000);
        new Logger('Supervisor').log(`Kills with SEED=${seed}`);
        const { KILL_MIN_MS: minMs = 1_000, KILL_MAX_MS: maxMs = 3_000 } = env;
        return new Hunter(server, { minMs: Number(minMs), maxMs: Number(maxMs), random: randomFrom(seed) });
      },
    },
  ],
})
export class SupervisorModule {}
