import { type GatewayMiddleware, type InboundFrame, isGatewireError, type Next } from 'gatewire';
import type { AuditTrail } from './audit-trail.js';

/**
 * Puts frames with a wrong or a used signature into the audit trail. The message log never sees them: they are refused
 * before anybody has read what they say.
 */
export class RefusedFrames implements GatewayMiddleware {
  readonly #audit: AuditTrail;

  constructor(audit: AuditTrail) {
    this.#audit = audit;
  }

  inboundFrame(frame: InboundFrame, next: Next): void | Promise<void> {
    try {
      return next();
    } catch (error) {
      const userId = frame.connection.principal?.id;
      if (userId !== undefined && isGatewireError(error))
        this.#audit.add(userId, { at: Date.now(), event: 'refused frame', outcome: error.code });
      throw error;
    }
  }
}
