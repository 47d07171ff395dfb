import type { Tree } from '@angular-devkit/schematics';

import { someSourceFile } from '../app/source-files.js';

/** What an application has of gatewire already. */
export interface ExistingUse {
  /** Some module imports `GatewireModule`, or the app is given a `GatewireAdapter`. */
  readonly isSetUp: boolean;
  readonly hasGateway: boolean;
  /** A file that gives the app another WebSocket adapter, which would take gatewire's place. */
  readonly otherAdapterIn: string | undefined;
}

/** Looks through the sources of an application, wherever its authors have put things. */
export function findExistingUse(tree: Tree, sourceRoot: string): ExistingUse {
  let otherAdapterIn: string | undefined;
  someSourceFile(tree, sourceRoot, (text, path) => {
    const found = text.includes('.useWebSocketAdapter(') && !text.includes('GatewireAdapter');
    if (found) otherAdapterIn = path;
    return found;
  });
  return {
    isSetUp: someSourceFile(tree, sourceRoot, isSetUpBy),
    hasGateway: someSourceFile(tree, sourceRoot, (text) => text.includes('@WebSocketGateway(')),
    otherAdapterIn,
  };
}

function isSetUpBy(text: string): boolean {
  if (/\bnew\s+GatewireAdapter\s*\(/.test(text)) return true;
  // A spec that boots an application of its own sets nothing up.
  return /\bGatewireModule\s*\.\s*forRoot/.test(text) && !/\bcreateTestingModule\b/.test(text);
}
