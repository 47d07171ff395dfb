import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SupervisorModule } from './supervisor/supervisor.module.js';

// What lives on: it has the page, and starts the server (server.ts) again whenever that is dead.
const app = await NestFactory.create<NestExpressApplication>(SupervisorModule, {
  forceCloseConnections: true,
});
app.useStaticAssets(join(import.meta.dirname, 'page'));
// The page imports `gatewire/client` from here, as its import map says; an application with a bundler does without.
const library = dirname(fileURLToPath(import.meta.resolve('gatewire/package.json')));
app.useStaticAssets(join(library, 'dist/esm'), { prefix: '/gatewire' });
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env['PORT'] ?? 3000;
await app.listen(port);
new Logger('Orders').log(`Open http://localhost:${port}, order, and kill the server`);
