import { readyStates, type TransportSocket } from '../transport/transport-socket.js';

/** What a send queue writes to. */
export interface FrameOutlet extends Pick<
  TransportSocket,
  'readyState' | 'unsentBytes' | 'writeFrames' | 'onceDrained'
> {
  /** Where it holds back what it was given: calls once it holds nothing any more. True: that was so already, and it has called. */
  onceReleased?(callback: () => void): boolean;
}

/** In place of a socket while a session's client is away: takes everything at once. What was written stays in the session's log. */
export const nowhere: FrameOutlet = {
  readyState: readyStates.open,
  unsentBytes: 0,
  writeFrames: (_bytes, written) => {
    if (written !== undefined) process.nextTick(written);
  },
  onceDrained: (callback) => void setImmediate(callback),
};
