import type { Node, NodeArray, SourceFile } from 'typescript';

import { indentationAt, printWidth, type CodeStyle } from './code-style.js';
import type { TextEdit } from './text-edit.js';
import { loadTypeScript } from './typescript.js';

/** A node that is a bracket, members separated by commas, and a bracket: an array, an object, named imports. */
export interface BracketedList {
  readonly node: Node;
  readonly members: NodeArray<Node>;
}

/** Adds a member at the end, in the layout that the list has; breaks a line that grows too long. */
export function appendMember(
  file: SourceFile,
  list: BracketedList,
  text: string,
  style: CodeStyle,
): TextEdit {
  const last = list.members.at(-1);
  if (last === undefined) return fillEmpty(file, list, text, style);

  const sharesLineWithBracket = lineOf(file, last.getStart(file)) === lineOf(file, list.node.getStart(file));
  if (!sharesLineWithBracket) return appendOnOwnLine(file, list, text, style);

  const separator = list.members.hasTrailingComma ? ' ' : ', ';
  const inline = { start: list.members.end, end: list.members.end, text: separator + text };
  if (isMultiLine(file, list.node) || fitsOnLine(file, list.node, inline.text)) return inline;
  return replaceNode(file, list.node, renderList(file, list, [...memberTexts(file, list), text], style));
}

/** Adds a member before all others. */
export function prependMember(
  file: SourceFile,
  list: BracketedList,
  text: string,
  style: CodeStyle,
): TextEdit {
  const first = list.members[0];
  if (first === undefined) return fillEmpty(file, list, text, style);
  if (!isMultiLine(file, list.node)) {
    return replaceNode(file, list.node, renderList(file, list, [text, ...memberTexts(file, list)], style));
  }
  const afterBracket = list.node.getStart(file) + 1;
  const indentation = indentationAt(file.text, first.getStart(file));
  return insertion(afterBracket, `${style.lineBreak}${indentation}${text},`);
}

/** The list that holds `members` in brackets, on one line if it fits behind what stands before it. */
export function renderArray(
  members: readonly string[],
  columnsBefore: number,
  indentation: string,
  style: CodeStyle,
) {
  const inline = `[${members.join(', ')}]`;
  const comma = 1;
  const fits = columnsBefore + inline.length + comma <= printWidth && !inline.includes('\n');
  return fits ? inline : renderLines('[', members, ']', indentation, style);
}

function fillEmpty(file: SourceFile, list: BracketedList, text: string, style: CodeStyle): TextEdit {
  const { node } = list;
  const inner = file.text.slice(node.getStart(file) + 1, node.getEnd() - 1);
  if (inner.trim() !== '') {
    // Only comments are in it: they stay, above the new member.
    const outer = indentationAt(file.text, node.getStart(file));
    const end = node.getEnd() - 1;
    const line = `${style.lineBreak}${outer}${style.indent}${text},${style.lineBreak}${outer}`;
    return { start: end - (inner.length - inner.trimEnd().length), end, text: line };
  }
  const isArray = loadTypeScript().isArrayLiteralExpression(node);
  if (isArray && fitsOnLine(file, node, text)) return replaceNode(file, node, `[${text}]`);
  return replaceNode(file, node, renderList(file, list, [text], style));
}

function appendOnOwnLine(file: SourceFile, list: BracketedList, text: string, style: CodeStyle): TextEdit {
  const last = list.members[list.members.length - 1] as Node;
  const indentation = indentationAt(file.text, last.getStart(file));
  const { end, hasTrailingComma } = list.members;
  // A comment behind the last member belongs to it and stays on its line.
  const commentEnd = loadTypeScript().getTrailingCommentRanges(file.text, end)?.at(-1)?.end ?? end;
  const comment = file.text.slice(end, commentEnd);
  const comma = hasTrailingComma ? '' : ',';
  const line = `${style.lineBreak}${indentation}${text}${hasTrailingComma ? ',' : ''}`;
  return { start: end, end: commentEnd, text: `${comma}${comment}${line}` };
}

function renderList(
  file: SourceFile,
  { node }: BracketedList,
  members: readonly string[],
  style: CodeStyle,
): string {
  const text = node.getText(file);
  const indentation = indentationAt(file.text, node.getStart(file));
  return renderLines(text.charAt(0), members, text.charAt(text.length - 1), indentation, style);
}

function renderLines(
  open: string,
  members: readonly string[],
  close: string,
  indentation: string,
  style: CodeStyle,
) {
  const lines = members.map((member) => `${indentation}${style.indent}${member},`);
  return [open, ...lines, `${indentation}${close}`].join(style.lineBreak);
}

function memberTexts(file: SourceFile, list: BracketedList): readonly string[] {
  return list.members.map((member) => member.getFullText(file).trim());
}

function fitsOnLine(file: SourceFile, node: Node, added: string): boolean {
  const lineStart = file.text.lastIndexOf('\n', node.getStart(file)) + 1;
  const rest = /^[^\r\n]*/.exec(file.text.slice(node.getEnd()))?.[0] ?? '';
  return node.getEnd() - lineStart + added.length + rest.trimEnd().length <= printWidth;
}

function isMultiLine(file: SourceFile, node: Node): boolean {
  return node.getText(file).includes('\n');
}

function lineOf(file: SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line;
}

function replaceNode(file: SourceFile, node: Node, text: string): TextEdit {
  return { start: node.getStart(file), end: node.getEnd(), text };
}

function insertion(position: number, text: string): TextEdit {
  return { start: position, end: position, text };
}
