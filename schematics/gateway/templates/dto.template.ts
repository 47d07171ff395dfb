import type { TemplateContext } from './template-context.js';

/** What the handler receives: with class-validator's decorators where the app has it, else a plain class. */
export function dtoTemplate({ dtoClass, validates }: TemplateContext): string {
  if (!validates) return `export class ${dtoClass} {\n  text!: string;\n}\n`;
  return `import { IsNotEmpty, IsString } from 'class-validator';

export class ${dtoClass} {
  @IsString()
  @IsNotEmpty()
  text!: string;
}
`;
}
