/** Who a connection speaks for, as authentication (or the application) has found. */
export interface Principal {
  /** What `server.user(id)` goes by. */
  readonly id: string;
  readonly [claim: string]: unknown;
}
