import type { INestApplicationContext } from '@nestjs/common';
import type { HttpAdapterHost, ModulesContainer } from '@nestjs/core';

/** What is to be drained before the application tears down what handlers use. */
export interface Drainable {
  drain(): Promise<void>;
}

interface Closing {
  beforeClose?(): void | Promise<void>;
}

interface Destroying {
  callDestroyHook?(): Promise<void>;
}

/**
 * Drains before the HTTP server stops to answer: core 12.5 and later tell their adapter, before any destroy hook.
 * Readiness goes first, then connections.
 */
export function drainBeforeClose(host: HttpAdapterHost, drainable: Drainable): void {
  const adapter = host.httpAdapter as unknown as Closing | null;
  if (adapter === null) return;
  const original = adapter.beforeClose?.bind(adapter);
  adapter.beforeClose = async () => {
    await original?.();
    await drainable.drain();
  };
}

/** Drains before the destroy hooks of an application: for those that do not tell their adapter (Nest 11). */
export function drainBeforeDestroy(app: INestApplicationContext, drainable: Drainable): void {
  // An application is a proxy that ignores assignments and wraps what is read from it: go past it.
  const { callDestroyHook } = Object.getPrototypeOf(app) as Destroying;
  if (callDestroyHook === undefined) return;
  Object.defineProperty(app, 'callDestroyHook', {
    configurable: true,
    value: async function (this: unknown): Promise<void> {
      await drainable.drain();
      await callDestroyHook.call(this);
    },
  });
}

/**
 * Makes the destroy hooks of a module the first to run: Nest runs them by distance from the root module, and those of
 * a global module would be the last, when its connections' handlers have lost their database.
 */
export function destroyFirst(modules: ModulesContainer, metatype: unknown): void {
  for (const module of modules.values()) if (module.metatype === metatype) module.distance = -1;
}
