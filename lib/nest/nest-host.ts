import type { Server } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';

/** What we need of a Nest application: all of it injectable. */
export interface NestHost {
  readonly modules: ModulesContainer;
  readonly contextCreator: ExternalContextCreator;
  readonly moduleRef: ModuleRef;
  /** Holds no adapter in an application context; another one than before once a testing module makes an application. */
  readonly httpAdapterHost: HttpAdapterHost;
}

/** The same, asked of an application from outside. */
export function hostOf(app: INestApplicationContext): NestHost {
  return {
    modules: app.get(ModulesContainer, { strict: false }),
    contextCreator: app.get(ExternalContextCreator, { strict: false }),
    moduleRef: app.get(ModuleRef, { strict: false }),
    httpAdapterHost: app.get(HttpAdapterHost, { strict: false }),
  };
}

/** Whether something is an application: a plain HTTP server has no container. */
export function isApplication(given: unknown): given is INestApplicationContext {
  const { get, select } = (given ?? {}) as Partial<Record<'get' | 'select', unknown>>;
  return typeof get === 'function' && typeof select === 'function';
}

/** The application's HTTP server; null in an application without one. */
export function httpServerOf({ httpAdapterHost }: NestHost): Server | null {
  const adapter = httpAdapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | null;
  return (adapter?.getHttpServer() as Server | undefined) ?? null;
}
