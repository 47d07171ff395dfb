import type { Dependency } from '../app/package-json.js';

/** What every app with a gateway needs beside gatewire. */
export function gatewayDependencies(nestMajor: number): readonly Dependency[] {
  return [{ name: '@nestjs/websockets', range: `^${nestMajor}.0.0`, group: 'dependencies' }];
}

/** What the generated spec imports to connect a client; Node 20 has no WebSocket client of its own. */
export const specDependencies: readonly Dependency[] = [
  { name: '@types/ws', range: '^8.18.0', group: 'devDependencies' },
  { name: 'ws', range: '^8.23.0', group: 'devDependencies' },
];
