import type { Connection } from '../../../connection/connection.js';
import type { DisconnectReason } from '../../../connection/disconnect-reason.js';
import type { Handshake } from '../../../connection/handshake.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { OutboundFrame } from '../../outbound-frame.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { DataPaths } from '../../../exchange/data/data-path.js';
import type { AnyMessage, MessageDirection } from '../message-subject.js';
import { AuditBuffer } from './audit-buffer.js';
import { connectRecord, disconnectRecord } from './connection-records.js';
import type { AuditSink, LogLevel } from './log-sink.js';
import type { ConnectRecord, LogRecord, MessageRecord } from './message-log-record.js';
import type { ResolvedMessageLogOptions } from './message-log.options.js';
import type { MessageLogPorts } from './message-log-ports.js';
import { PayloadSnapshot } from '../../../exchange/data/payload-snapshot.js';
import { presentFields } from '../../../primitives/present-fields.js';

type Ending = Pick<MessageRecord, 'outcome' | 'code' | 'reason'>;

/** Makes the records of a message log, and gives them to the log and to the audit sink. Nothing that fails here reaches a message. */
export class RecordWriter {
  readonly #options: ResolvedMessageLogOptions;
  readonly #ports: MessageLogPorts;
  readonly #audit: AuditBuffer | null;

  constructor(options: ResolvedMessageLogOptions, audit: AuditSink | undefined, ports: MessageLogPorts) {
    this.#options = options;
    this.#ports = ports;
    const limits = { records: options.auditRecords, flushMs: options.auditFlushMs };
    this.#audit = audit === undefined ? null : new AuditBuffer(audit, limits, ports.host);
    const buffer = this.#audit;
    if (buffer !== null) ports.host.onClose?.(() => buffer.flush());
  }

  /** Nothing that is said would be heard. */
  get isOff(): boolean {
    const { sink } = this.#ports;
    return this.#audit === null && !sink.isEnabled('error') && !sink.isEnabled(this.#options.level);
  }

  inbound(message: InboundMessage, sent: string, startedAt: number, isSampled: boolean): void {
    const ending = this.#endingOf(message);
    const level = this.#levelOf(ending);
    if (this.#isHeard(level, isSampled)) this.#inbound(message, sent, startedAt, ending, level, isSampled);
  }

  /** A stage behind has thrown. */
  inboundFailed(message: InboundMessage, sent: string, startedAt: number, error: unknown): void {
    const ending = this.#errorEnding(error);
    this.#inbound(message, sent, startedAt, ending, this.#levelOf(ending), true);
  }

  outbound(message: OutboundMessage, event: string, isSampled: boolean, frame?: OutboundFrame): void {
    const { error } = message;
    const ending: Ending = error === undefined ? { outcome: 'sent' } : { outcome: 'error', code: error.code };
    const level = this.#levelOf(ending);
    if (this.#isHeard(level, isSampled)) this.#outbound(message, event, ending, level, isSampled, frame);
  }

  /** A stage behind has thrown: who emits hears of it, and nothing is sent. */
  outboundFailed(message: OutboundMessage, event: string, error: unknown): void {
    const ending = this.#errorEnding(error);
    this.#outbound(message, event, ending, this.#levelOf(ending), true);
  }

  accepted(handshake: Handshake, startedAt: number): void {
    this.#write(this.#options.level, { ...this.#connect(handshake, startedAt), outcome: 'accepted' }, true);
  }

  refused(handshake: Handshake, startedAt: number, error: unknown): void {
    const ending = this.#errorEnding(error);
    const record = this.#connect(handshake, startedAt);
    this.#write(
      this.#levelOf(ending),
      { ...record, outcome: 'refused', ...presentFields({ code: ending.code }) },
      true,
    );
  }

  disconnected(connection: Connection, reason: DisconnectReason, since: number | undefined): void {
    if (!this.#isHeard(this.#options.level, true)) return;
    const durationMs = since === undefined ? undefined : this.#ports.host.clock.now() - since;
    this.#write(this.#options.level, disconnectRecord(connection, reason, durationMs), true);
  }

  #inbound(
    message: InboundMessage,
    sent: string,
    startedAt: number,
    ending: Ending,
    level: LogLevel,
    isSampled: boolean,
  ): void {
    const { connection, event, bytes, id } = message;
    const record: MessageRecord = {
      type: 'inbound',
      endpoint: connection.handshake.path,
      connectionId: connection.id,
      event: sent,
      bytes,
      durationMs: this.#ports.host.clock.now() - startedAt,
      ...ending,
      ...presentFields({
        userId: connection.principal?.id,
        messageId: id,
        routedTo: event === sent ? undefined : event,
        data: this.#payload(message, 'inbound'),
      }),
    };
    this.#write(level, record, isSampled);
  }

  #outbound(
    message: OutboundMessage,
    event: string,
    ending: Ending,
    level: LogLevel,
    isSampled: boolean,
    frame?: OutboundFrame,
  ): void {
    const { target, id } = message;
    const connection = target.kind === 'connection' ? target.connection : undefined;
    const record: MessageRecord = {
      type: 'outbound',
      event,
      target: target.kind,
      ...ending,
      ...presentFields({
        endpoint: connection?.handshake.path,
        connectionId: connection?.id,
        userId: connection?.principal?.id,
        messageId: id,
        bytes: frame && Buffer.byteLength(frame.data),
        data: this.#payload(message, 'outbound'),
      }),
    };
    this.#write(level, record, isSampled);
  }

  #connect(handshake: Handshake, startedAt: number): Omit<ConnectRecord, 'outcome'> {
    return connectRecord(handshake, this.#ports.host.clock.now() - startedAt);
  }

  #endingOf({ outcome }: InboundMessage): Ending {
    if (outcome === undefined) return { outcome: 'none' };
    if (outcome.kind === 'error') return this.#errorEnding(outcome.error);
    return outcome.kind === 'dropped'
      ? { outcome: 'dropped', reason: outcome.reason }
      : { outcome: outcome.kind };
  }

  #errorEnding(error: unknown): Ending {
    return { outcome: 'error', code: this.#ports.codeOf(error) };
  }

  #levelOf({ outcome, code }: Ending): LogLevel {
    if (outcome !== 'error') return this.#options.level;
    return code === ErrorCode.Internal ? 'error' : 'warn';
  }

  /** Errors always are, where their level is on. */
  #isHeard(level: LogLevel, isSampled: boolean): boolean {
    if (this.#audit !== null) return true;
    return (isSampled || level !== this.#options.level) && this.#ports.sink.isEnabled(level);
  }

  #payload(message: AnyMessage, direction: MessageDirection): unknown {
    const { payload, payloadCharacters, redact } = this.#options;
    if (payload === false) return undefined;
    try {
      const data: unknown = payload === true ? message.data : payload(message, direction);
      return new PayloadSnapshot(payloadCharacters).copy(
        data,
        redact && DataPaths.step(redact.start, 'data'),
      );
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #write(level: LogLevel, record: LogRecord, isSampled: boolean): void {
    this.#audit?.write({ at: Date.now(), ...record });
    const { sink } = this.#ports;
    if ((!isSampled && level === this.#options.level) || !sink.isEnabled(level)) return;
    try {
      sink.write(level, record);
    } catch {
      // It is the log itself that has failed: there is nowhere else to say so.
      this.#ports.host.count('message-log.failed');
    }
  }

  #failed(error: unknown): void {
    this.#ports.host.count('message-log.failed');
    this.#ports.host.log.error('message-log', error);
  }
}
