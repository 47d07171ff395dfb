import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GatewireModule } from 'gatewire';
import { EchoGateway } from './echo.gateway.js';

@Module({ imports: [GatewireModule.forRoot()], providers: [EchoGateway] })
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(process.env['PORT'] ?? 3000);
