/** The server that is killed: a process of its own, which the supervisor starts again and again. */
import { NestFactory } from '@nestjs/core';
import { OrdersModule } from './orders/orders.module.js';

// Without a supervisor nobody would end it.
process.on('disconnect', () => process.exit());
const app = await NestFactory.create(OrdersModule, { logger: ['warn', 'error', 'fatal'] });
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(process.env['PORT'] ?? 3001);
process.send?.('ready');
