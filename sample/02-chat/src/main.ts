import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ChatModule } from './chat/chat.module.js';

const app = await NestFactory.create<NestExpressApplication>(ChatModule);
app.useStaticAssets(join(import.meta.dirname, 'page'));
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env['PORT'] ?? 3000;
await app.listen(port);
new Logger('Chat').log(`Open http://localhost:${port} in two tabs`);
