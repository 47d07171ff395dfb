import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TradingModule } from './trading.module.js';

const app = await NestFactory.create<NestExpressApplication>(TradingModule);
app.useStaticAssets(join(import.meta.dirname, 'page'));
app.enableShutdownHooks([], { useProcessExit: true });

const port = process.env['PORT'] ?? 3000;
await app.listen(port);
new Logger('Trading').log(`Open http://localhost:${port}`);
