import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { NotesModule } from './notes/notes.module.js';

const app = await NestFactory.create<NestExpressApplication>(NotesModule);
app.useStaticAssets(join(import.meta.dirname, 'page'));
// The page imports `gatewire/client` from here, as its import map says; an application with a bundler does without.
const library = dirname(fileURLToPath(import.meta.resolve('gatewire/package.json')));
app.useStaticAssets(join(library, 'dist/esm'), { prefix: '/gatewire' });
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env['PORT'] ?? 3000;
await app.listen(port);
new Logger('Notes').log(`Open http://localhost:${port}, then go offline`);
