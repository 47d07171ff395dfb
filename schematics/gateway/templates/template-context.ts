import type { GatewayNames } from '../gateway-names.js';

/** What the templates are filled with. */
export interface TemplateContext extends GatewayNames {
  /** Specifier by which the spec imports the gateway. */
  readonly gatewayImport: string;
  /** Specifier by which the gateway imports its DTO. */
  readonly dtoImport: string;
  /** Whether the app has what `ValidationPipe` needs: class-validator and class-transformer. */
  readonly validates: boolean;
}
