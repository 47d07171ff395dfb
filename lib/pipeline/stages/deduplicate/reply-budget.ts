/** Something whose reply takes up room. */
export interface ReplyHolder {
  readonly replyBytes: number;
  /** Its reply has to go: only that there was one stays known. */
  giveUpReply(): void;
}

/** How many bytes of replies may be kept; the oldest are given up for new ones. */
export class ReplyBudget {
  readonly #maxBytes: number;
  /** What counts here counts there too. */
  readonly #parent: ReplyBudget | null;
  readonly #holders = new Set<ReplyHolder>();
  #bytes = 0;

  constructor(maxBytes: number, parent: ReplyBudget | null = null) {
    this.#maxBytes = maxBytes;
    this.#parent = parent;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Makes room. False: it would not fit if it were alone. */
  keep(holder: ReplyHolder): boolean {
    if (holder.replyBytes > this.#maxBytes || this.#parent?.keep(holder) === false) return false;
    this.#holders.add(holder);
    this.#bytes += holder.replyBytes;
    for (const oldest of this.#holders) {
      if (this.#bytes <= this.#maxBytes) break;
      oldest.giveUpReply();
    }
    return true;
  }

  /** The reply of a holder is gone. Further calls do nothing. */
  release(holder: ReplyHolder): void {
    if (!this.#holders.delete(holder)) return;
    this.#bytes -= holder.replyBytes;
    this.#parent?.release(holder);
  }
}
