/** Told when the operating system has taken a frame, or why it has not. */
export type WrittenCallback = (error?: Error | null) => void;

/** One whole frame, ready for the wire, with what a slow consumer's policy must know about it. */
export interface OutgoingFrame {
  readonly bytes: Buffer;
  /** What `latest-only` replaces by: the emit's `key` option, else its event. */
  readonly key: string | null;
  /** False for outcomes and requests: dropping one would leave a peer waiting. */
  readonly droppable: boolean;
}
