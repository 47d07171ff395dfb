/** The server has answered with an error. */
export class RefusedError extends Error {}

/** The connection went before the answer came: the request may or may not have been handled. */
export class ConnectionLostError extends Error {}

interface Waiting {
  resolve(data: unknown): void;
  reject(error: Error): void;
}

/** Requests that wait for their answer, by id. */
export class RequestTable {
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;

  /** @param send gives the request to the connection; false when there is none */
  add<Reply>(id: string | undefined, send: (id: string) => boolean): Promise<Reply> {
    const requestId = id ?? `r${++this.#count}`;
    return new Promise<Reply>((resolve, reject) => {
      if (!send(requestId)) return reject(new ConnectionLostError());
      this.#waiting.set(requestId, { resolve: (data) => resolve(data as Reply), reject });
    });
  }

  settle(id: string, data: unknown, error: { readonly message: string } | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new RefusedError(error.message));
    else waiting?.resolve(data);
  }

  rejectAll(): void {
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of lost) waiting.reject(new ConnectionLostError());
  }
}
