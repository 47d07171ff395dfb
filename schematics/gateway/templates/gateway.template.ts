import type { TemplateContext } from './template-context.js';

/** A gateway with one handler, which validates where the app can. */
export function gatewayTemplate({ gatewayClass, dtoClass, event, dtoImport, validates }: TemplateContext): string {
  return `${validates ? "import { UsePipes, ValidationPipe } from '@nestjs/common';\n" : ''}import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { ${dtoClass} } from '${dtoImport}';

@WebSocketGateway()
${validates ? '@UsePipes(new ValidationPipe())\n' : ''}export class ${gatewayClass} {
  @SubscribeMessage('${event}')
  handleMessage(@MessageBody() message: ${dtoClass}): ${dtoClass} {
    return message;
  }
}
`;
}
