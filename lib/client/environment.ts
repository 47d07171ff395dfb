/** What a platform tells about the network and the page. */
export interface Environment {
  /** Whether there is a network as far as the platform knows. */
  isOnline(): boolean;
  /** Whether it is Node: tokens and more can go into headers. */
  readonly canSendHeaders: boolean;
  /** The page's address, for relative URLs; undefined where there is no page. */
  readonly baseUrl: string | undefined;
  /**
   * Calls `changed` when the network comes or goes, and when the page is looked at again (shown, restored from the back/forward cache), when
   * timers may have stood still. Returns what ends it.
   */
  watch(changed: (what: 'online' | 'offline' | 'awake' | 'leaving') => void): () => void;
}
