import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CallLog } from './call-log.js';
import type { Contender } from './contender.js';
import type { Scenario, Transcript } from './scenario.js';
import { Stage } from './stage.js';

/** Plays the scenario in a fresh application under one adapter and tells what came out. */
export async function perform(scenario: Scenario, contender: Contender): Promise<Transcript> {
  const app = await start(scenario, contender);
  if (app === null) return { clients: [], calls: ['does not start'] };
  const stage = new Stage(app, (app.getHttpServer().address() as AddressInfo).port);
  const { log } = stage;
  try {
    await scenario.play(stage);
    if (scenario.closesWithClients !== true) {
      await Promise.all(stage.clients.map((client) => client.settle()));
      for (const client of stage.clients) await client.close();
    }
  } finally {
    await app.close();
    for (const client of stage.clients) client.socket.terminate();
  }
  await Promise.all(stage.clients.map((client) => client.closed()));
  return { clients: stage.clients.map(({ lines }) => lines), calls: log.calls };
}

async function start(scenario: Scenario, contender: Contender): Promise<INestApplication | null> {
  const metadata: ModuleMetadata =
    typeof scenario.module === 'function' ? scenario.module() : scenario.module;
  const root: DynamicModule = {
    ...metadata,
    module: class ScenarioModule {},
    imports: [...(metadata.imports ?? []), ...contender.imports(scenario)],
    providers: [CallLog, ...(metadata.providers ?? [])],
  };

  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  contender.adapt(app, scenario);
  scenario.prepare?.(app);
  try {
    await app.listen(0, '127.0.0.1');
    return app;
  } catch (error) {
    if (scenario.mayNotStart !== true) throw error;
    await app.close();
    return null;
  }
}
