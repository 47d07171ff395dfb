import type {
  CallExpression,
  Expression,
  ObjectLiteralElementLike,
  ObjectLiteralExpression,
  SourceFile,
} from 'typescript';

import { appendMember, prependMember, renderArray } from './bracketed-list.js';
import { detectCodeStyle, indentationAt, type CodeStyle } from './code-style.js';
import { findModuleDecorator } from './module-decorator.js';
import { applyEdits, type TextEdit } from './text-edit.js';
import { loadTypeScript, parseSource } from './typescript.js';

/** One more element of a list in `@Module({ … })`. */
export interface ModuleEntry {
  readonly property: 'imports' | 'providers';
  /** Source text of the element, on one line. */
  readonly expression: string;
  /** The module's class, when the file may hold several. */
  readonly className?: string | undefined;
}

/**
 * Adds an element to a module's metadata, in the style of the file; unchanged when the same element is there.
 *
 * @throws {Error} when the file has no `@Module({ … })` to add to
 */
export function addToModule(source: string, entry: ModuleEntry): string {
  const file = parseSource(source);
  const call = findModuleDecorator(file, entry.className);
  if (call === undefined) throw new Error('it has no class with a @Module() decorator');
  const edit = editCall(file, call, entry, detectCodeStyle(file));
  return edit === undefined ? source : applyEdits(source, [edit]);
}

function editCall(
  file: SourceFile,
  call: CallExpression,
  entry: ModuleEntry,
  style: CodeStyle,
): TextEdit | undefined {
  const ts = loadTypeScript();
  const metadata = call.arguments[0];
  if (metadata === undefined) {
    const inside = call.getEnd() - 1;
    const text = ['{', `${style.indent}${newProperty(entry, style.indent, style)},`, '}'].join(
      style.lineBreak,
    );
    return { start: inside, end: inside, text };
  }
  if (!ts.isObjectLiteralExpression(metadata))
    throw new Error('the argument of its @Module() is not an object literal');
  const property = findProperty(metadata, entry.property);
  return property === undefined
    ? addProperty(file, metadata, entry, style)
    : addElement(file, property, entry, style);
}

function findProperty(metadata: ObjectLiteralExpression, name: string): ObjectLiteralElementLike | undefined {
  const ts = loadTypeScript();
  return metadata.properties.find((property) => {
    const key = property.name;
    return key !== undefined && (ts.isIdentifier(key) || ts.isStringLiteral(key)) && key.text === name;
  });
}

function addProperty(
  file: SourceFile,
  metadata: ObjectLiteralExpression,
  entry: ModuleEntry,
  style: CodeStyle,
) {
  const first = metadata.properties[0];
  const isMultiLine = first !== undefined && metadata.getText(file).includes('\n');
  const indentation = isMultiLine
    ? indentationAt(file.text, first.getStart(file))
    : indentationAt(file.text, metadata.getStart(file)) + style.indent;
  const list = { node: metadata, members: metadata.properties };
  const text = newProperty(entry, indentation, style);
  // Where Nest's own templates have them: imports above everything else.
  if (entry.property === 'imports') return prependMember(file, list, text, style);
  return appendMember(file, list, text, style);
}

function newProperty({ property, expression }: ModuleEntry, indentation: string, style: CodeStyle): string {
  const label = `${property}: `;
  return label + renderArray([expression], indentation.length + label.length, indentation, style);
}

function addElement(
  file: SourceFile,
  property: ObjectLiteralElementLike,
  entry: ModuleEntry,
  style: CodeStyle,
) {
  const ts = loadTypeScript();
  if (ts.isShorthandPropertyAssignment(property)) {
    const text = `${entry.property}: [...${entry.property}, ${entry.expression}]`;
    return { start: property.getStart(file), end: property.getEnd(), text };
  }
  if (!ts.isPropertyAssignment(property))
    throw new Error(`the ${entry.property} of its @Module() are not a list`);

  const value = property.initializer;
  if (!ts.isArrayLiteralExpression(value)) return spread(file, value, entry);
  if (value.elements.some((element) => element.getText(file) === entry.expression)) return undefined;
  return appendMember(file, { node: value, members: value.elements }, entry.expression, style);
}

/** A list that is written elsewhere is taken over whole: `imports: [...shared, Added]`. */
function spread(file: SourceFile, value: Expression, { expression }: ModuleEntry): TextEdit {
  const ts = loadTypeScript();
  const text = value.getText(file);
  const simple = ts.isIdentifier(value) || ts.isCallExpression(value) || ts.isPropertyAccessExpression(value);
  const list = simple ? text : `(${text})`;
  return { start: value.getStart(file), end: value.getEnd(), text: `[...${list}, ${expression}]` };
}
