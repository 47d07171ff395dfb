import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { GatewireOptions } from './gatewire.options.js';

/** `forRoot` and `forRootAsync`, as Nest builds them. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<GatewireOptions>({ moduleName: 'Gatewire' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build();
