import { OptionError } from '../../primitives/option-error.js';

/** Stands for any one name or index. */
const anyName = '*';

/** Stands for any number of names, none included. */
const anyDepth = '**';

interface PathNode {
  /** A path ends here: what is here, and all beneath, is meant. */
  isEnd: boolean;
  /** Stays where it is when a name is passed. */
  readonly isDeep: boolean;
  readonly children: Map<string, PathNode>;
}

/** Where a walk through data stands, as seen from the paths. */
export type PathPosition = readonly PathNode[];

/** What is here is meant, with all beneath. */
export const insidePath: PathPosition = [];

/**
 * Paths into data, compiled once: `user.password`, `cards.*.number` (`*` is any one name or index), `**.token` (at any
 * depth). A walk through the data asks for each name that it passes.
 */
export class DataPaths {
  readonly start: PathPosition;

  /** @throws {OptionError} for an empty list, or a path with an empty name */
  constructor(option: string, paths: readonly string[]) {
    if (paths.length === 0) throw new OptionError(option, 'at least one path', paths);
    const root = createNode(false);
    for (const path of paths) {
      const names = path.split('.');
      if (names.includes('')) throw new OptionError(option, 'names divided by single dots', path);
      add(root, names);
    }
    this.start = reached([root]);
  }

  /** One name further. `undefined`: no path leads there. */
  static step(from: PathPosition, name: string): PathPosition | undefined {
    if (from === insidePath) return insidePath;
    const next: PathNode[] = [];
    for (const node of from) {
      if (node.isDeep) next.push(node);
      const named = node.children.get(name);
      if (named !== undefined) next.push(named);
      const any = node.children.get(anyName);
      if (any !== undefined) next.push(any);
    }
    return next.length === 0 ? undefined : reached(next);
  }
}

function createNode(isDeep: boolean): PathNode {
  return { isEnd: false, isDeep, children: new Map() };
}

function add(root: PathNode, names: readonly string[]): void {
  let node = root;
  for (const name of names) {
    let child = node.children.get(name);
    if (child === undefined) node.children.set(name, (child = createNode(name === anyDepth)));
    node = child;
  }
  node.isEnd = true;
}

/** What a `**` stands for may be nothing: its node is reached together with the one before. */
function reached(nodes: PathNode[]): PathPosition {
  // Grows while it is walked.
  for (const node of nodes) {
    if (node.isEnd) return insidePath;
    const deep = node.children.get(anyDepth);
    if (deep !== undefined && !nodes.includes(deep)) nodes.push(deep);
  }
  return nodes;
}
