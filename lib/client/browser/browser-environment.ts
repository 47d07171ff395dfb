import type { Environment } from '../environment.js';

/** What is used of a page's, or a worker's, global object. */
interface PlatformScope {
  readonly navigator?: { readonly onLine?: boolean };
  readonly location?: { readonly href: string };
  readonly document?: { readonly visibilityState: string } & EventSource;
  addEventListener?: Listen;
  removeEventListener?: Listen;
}

interface EventSource {
  addEventListener: Listen;
  removeEventListener: Listen;
}

type Listen = (type: string, listener: () => void) => void;

const scope = globalThis as PlatformScope;

/** Pages and workers: what the browser tells about the network, and about a page that is looked at again. */
export const browserEnvironment: Environment = {
  isOnline: () => scope.navigator?.onLine !== false,
  canSendHeaders: false,
  get baseUrl() {
    return scope.location?.href;
  },
  watch(changed) {
    const { document } = scope;
    const listeners: [EventSource | PlatformScope | undefined, string, () => void][] = [
      [scope, 'online', () => changed('online')],
      [scope, 'offline', () => changed('offline')],
      // Also when it comes out of the back/forward cache.
      [scope, 'pageshow', () => changed('awake')],
      // A page with an open socket is not kept in that cache, and one that is frozen does not answer its server.
      [scope, 'pagehide', () => changed('leaving')],
      [document, 'freeze', () => changed('leaving')],
      [document, 'resume', () => changed('awake')],
      [document, 'visibilitychange', () => document?.visibilityState === 'visible' && changed('awake')],
    ];
    for (const [target, type, listener] of listeners) target?.addEventListener?.(type, listener);
    return () => {
      for (const [target, type, listener] of listeners) target?.removeEventListener?.(type, listener);
    };
  },
};
