import type { Rule } from '@angular-devkit/schematics';

import { formatFiles } from './format-files.js';
import { generateGateway } from './generate-gateway.js';
import type { GatewayOptions } from './gateway.options.js';

/** `nest g -c gatewire gateway NAME`: a gateway, its DTO and its spec, provided by the nearest module. */
export default function gateway(options: GatewayOptions): Rule {
  return async (tree, context) => {
    const written = generateGateway(tree, context, options);
    if (options.format === true) await formatFiles(tree, written);
  };
}
