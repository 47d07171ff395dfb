/** How messages to one peer become bytes. Peers for whom that is the same share the object, and what is encoded for one of them. */
export interface WireEncoding {
  /** JSON and a frame, and nothing else: the quick ways are open. */
  readonly isPlain: boolean;
}
