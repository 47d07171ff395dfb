import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';

/** One for all: who is slow must not also cost a stack trace for each message. */
export const deadlineExceeded = new GatewireError(
  ErrorCode.DeadlineExceeded,
  'the message was not handled within its deadline',
);
