import { limit, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import { isBinary, toUint8Array } from '../../protocol/binary-data.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { DataPaths } from '../data/data-path.js';
import { type LeafVisitor, walkLeaves } from '../data/leaf-walk.js';
import type { DataRule } from './data-rule.js';
import { filteredOut, type FilterOutcome, type FinalOutcome } from './filter-outcome.js';
import { type BinaryKind, MagicBytes } from './magic-bytes.js';

/** What becomes of a message with bytes that may not pass: the whole of it ends, or the bytes are replaced. */
export type BinaryOutcome = FinalOutcome | { readonly replace: unknown };

/** Which bytes may pass, and what happens to those that may not. */
export interface BinaryRuleOptions {
  /** Fewer bytes may not pass. @default 0 */
  readonly minBytes?: number;
  /** More bytes may not pass. @default false */
  readonly maxBytes?: number | false;
  /** Only these kinds pass, by their first bytes. @default all */
  readonly allow?: readonly BinaryKind[];
  /** These kinds may not pass, by their first bytes. @default none */
  readonly deny?: readonly BinaryKind[];
  /** Paths of the bytes that are examined. @default all bytes in the data */
  readonly fields?: readonly string[];
  /** @default { reject: 'FILTERED' } */
  readonly outcome?: BinaryOutcome;
}

/** Looks at size and first bytes of the bytes in messages. */
export class BinaryRule implements DataRule {
  readonly outcome: BinaryOutcome;
  readonly #minBytes: number;
  readonly #maxBytes: number;
  readonly #allow: MagicBytes | undefined;
  readonly #deny: MagicBytes | undefined;
  readonly #fields: DataPaths | undefined;

  /** @throws {OptionError} */
  constructor({ minBytes = 0, maxBytes = false, allow, deny, fields, outcome }: BinaryRuleOptions) {
    this.#minBytes = wholeNumber('minBytes', minBytes, 0);
    this.#maxBytes = limit('maxBytes', maxBytes, 0);
    this.#allow = allow && new MagicBytes('allow', allow);
    this.#deny = deny && new MagicBytes('deny', deny);
    this.#fields = fields && new DataPaths('fields', fields);
    this.outcome = outcome ?? { reject: ErrorCode.Filtered, message: filteredOut };
    const isEmpty =
      minBytes === 0 && this.#maxBytes === Infinity && allow === undefined && deny === undefined;
    if (isEmpty)
      throw new OptionError(
        'BinaryMessageFilter',
        'something to look at: minBytes, maxBytes, allow or deny',
        'none',
      );
  }

  check(data: unknown): FilterOutcome | undefined {
    const search = new BinarySearch(this);
    const replaced = walkLeaves(data, this.#fields, search);
    if (search.hasFound) return this.outcome;
    return replaced === data ? undefined : { replace: replaced };
  }

  allows(bytes: Uint8Array): boolean {
    if (bytes.length < this.#minBytes || bytes.length > this.#maxBytes) return false;
    return this.#allow?.matches(bytes) !== false && this.#deny?.matches(bytes) !== true;
  }
}

/** The way of a rule through one message. */
class BinarySearch implements LeafVisitor {
  readonly #rule: BinaryRule;
  hasFound = false;

  constructor(rule: BinaryRule) {
    this.#rule = rule;
  }

  get isDone(): boolean {
    return this.hasFound;
  }

  tooDeep(): void {
    // Bytes deeper than an envelope can be cannot have come from a peer, and cannot be sent to one.
  }

  leaf(value: unknown): unknown {
    if (!isBinary(value) || this.#rule.allows(toUint8Array(value))) return value;
    const { outcome } = this.#rule;
    if ('replace' in outcome) return outcome.replace;
    this.hasFound = true;
    return value;
  }
}
