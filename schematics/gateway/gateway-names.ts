import { posix } from 'node:path';

import { workspacePath } from '../app/source-files.js';
import type { GatewayOptions } from './gateway.options.js';

/** Every name that the generated files use; paths are below the root of the workspace. */
export interface GatewayNames {
  /** `chat-room` */
  readonly name: string;
  /** `ChatRoomGateway` */
  readonly gatewayClass: string;
  /** `ChatRoomMessageDto` */
  readonly dtoClass: string;
  /** `chat-room.message` */
  readonly event: string;
  readonly folder: string;
  /** Path of the gateway, without extension. */
  readonly gatewayFile: string;
  /** Path of the DTO, without extension. */
  readonly dtoFile: string;
  /** Path of the spec, with extension. */
  readonly specFile: string;
}

/**
 * Derives the names from the options.
 *
 * @throws {Error} for a name that no class can have
 */
export function gatewayNames(options: GatewayOptions, sourceRoot: string): GatewayNames {
  const wanted = kebabCase(options.name);
  const name = posix.basename(wanted);
  const stem = pascalCase(name);
  if (!/^[A-Za-z_$][\w$]*$/.test(stem)) {
    throw new Error(`"${options.name}" cannot name a gateway: a class cannot be called "${stem}Gateway".`);
  }
  const parent = workspacePath(sourceRoot, kebabCase(options.path ?? ''), posix.dirname(wanted));
  const folder = options.flat === false ? workspacePath(parent, name) : parent;
  const gatewayFile = workspacePath(folder, `${name}.gateway`);
  return {
    name,
    gatewayClass: `${stem}Gateway`,
    dtoClass: `${stem}MessageDto`,
    event: `${name}.message`,
    folder,
    gatewayFile,
    dtoFile: workspacePath(folder, 'dto', `${name}-message.dto`),
    specFile: `${gatewayFile}.${kebabCase(options.specFileSuffix ?? '') || 'spec'}.ts`,
  };
}

/** As Nest names its files: `chatRoom` and `Chat Room` are `chat-room`; underscores stay. */
function kebabCase(text: string): string {
  return text
    .trim()
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/\s+/g, '-');
}

function pascalCase(name: string): string {
  const words = name.split(/[-_.]+/).filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
