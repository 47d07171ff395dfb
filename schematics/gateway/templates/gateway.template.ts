import { printWidth } from '../../source/code-style.js';
import type { TemplateContext } from './template-context.js';

/** A gateway with one handler, which validates where the app can. */
export function gatewayTemplate({
  gatewayClass,
  dtoClass,
  event,
  dtoImport,
  validates,
}: TemplateContext): string {
  return `${validates ? "import { UsePipes, ValidationPipe } from '@nestjs/common';\n" : ''}import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { ${dtoClass} } from '${dtoImport}';

@WebSocketGateway()
${validates ? '@UsePipes(new ValidationPipe())\n' : ''}export class ${gatewayClass} {
  @SubscribeMessage('${event}')
${handlerSignature(dtoClass)}
    return message;
  }
}
`;
}

/** As Prettier lays it out. */
function handlerSignature(dtoClass: string): string {
  const inline = `  handleMessage(@MessageBody() message: ${dtoClass}): ${dtoClass} {`;
  return inline.length <= printWidth
    ? inline
    : `  handleMessage(\n    @MessageBody() message: ${dtoClass},\n  ): ${dtoClass} {`;
}
