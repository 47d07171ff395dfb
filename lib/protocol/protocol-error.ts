import type { MessageId } from './envelope.js';
import type { ErrorCode } from './error-code.js';
import { GatewireError } from './gatewire-error.js';

/** A frame that was refused as a whole: nothing in it may be handled. Its message never repeats what the peer sent. */
export class ProtocolError extends GatewireError {
  override readonly name = 'ProtocolError';
  declare readonly code: ErrorCode;
  /** Ids of the requests in the frame, where they could be read: each is owed an outcome, and this error is it. */
  readonly ids: readonly MessageId[];

  constructor(code: ErrorCode, message: string, ids: readonly MessageId[] = []) {
    super(code, message);
    this.ids = ids;
  }
}
