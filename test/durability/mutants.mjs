/** Defects that the checker has to find. */

/** The store says that it has what it has not yet committed. */
function acksEarly(store) {
  return {
    adopt: (owner) => store.adopt(owner),
    claim: (id, tokenHash, owner) => store.claim(id, tokenHash, owner),
    write: (id, owner, change) => {
      // What is on its way when the process dies is lost.
      setTimeout(() => void store.write(id, owner, change).catch(() => undefined), 15);
      return Promise.resolve();
    },
    close: () => store.close(),
  };
}

export const mutate = {
  store(store, { mutant }) {
    return mutant === 'group-commit-acks-early' ? acksEarly(store) : store;
  },
  /** Whether what became of the message is written in the transaction of its effect, or after it. */
  settle: (settle, tx, { mutant }) => (mutant === 'settle-after-commit' ? undefined : settle(tx)),
  settleLate: (settle, settled, orders, { mutant }) =>
    mutant === 'settle-after-commit' ? orders.transaction(settle) : settled,
  async program({ mutant, load }) {
    if (mutant === 'persist-after-ack') {
      const { DurableSession } = await load('delivery/durable-session.js');
      DurableSession.prototype.outlet = (socket) => socket;
    }
    if (mutant === 'replay-from-the-wrong-epoch') {
      const { MemoryMessageLog } = await load('store/memory/memory-message-log.js');
      const { read, append } = MemoryMessageLog.prototype;
      MemoryMessageLog.prototype.read = function (log, query) {
        return { ...read.call(this, log, query), epoch: 'always the same' };
      };
      MemoryMessageLog.prototype.append = function (log, message, retention) {
        return { ...append.call(this, log, message, retention), epoch: 'always the same' };
      };
    }
  },
};
