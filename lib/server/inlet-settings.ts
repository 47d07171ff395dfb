import { DeadLetters } from '../pipeline/dead-letters.js';
import type { MessageHandler } from '../pipeline/message-handler.js';
import { inboundPhase } from '../pipeline/stage.js';
import { MessageDeadlines } from './message-deadlines.js';
import { MessageRunner } from './message-runner.js';
import { Repeats } from './repeats.js';
import type { Endpoint } from './endpoint.js';
import type { InletSettings } from './inlet.js';
import { ReliableEmits } from './reliable-emits.js';
import { isObservableSource, isStreamSource } from './stream-source.js';
import { OutcomeStream, type StreamSink } from './outcome-stream.js';

/** What the life of connections adds to the settings of their inlets. */
export type LifeSettings = 'authentication' | 'greeting' | 'left' | 'closed';

/** Plugs together what the inlets of one endpoint need. */
export function createInletSettings(endpoint: Endpoint): Omit<InletSettings, LifeSettings> {
  const { shared, table, inlets } = endpoint;
  const { options, outcomes, refusals, clock, counters, log, decoder, stages, logger } = shared;
  const sink = (fail: StreamSink['failed'], phases: MessageHandler['outbound']): StreamSink => ({
    item: (message, value) => outcomes.item(message, value, phases),
    done: (message) => {
      inlets.get(message.connection)?.removeStream(message);
      outcomes.done(message, phases);
    },
    failed: (message, error) => {
      inlets.get(message.connection)?.removeStream(message);
      fail(message, error);
    },
    ready: ({ connection }) => connection.queue?.ready(),
  });
  const dropped = (reason: string): void => {
    counters.messagesDropped++;
    shared.stageHost.count(`dropped.${reason}`);
  };
  const runner = new MessageRunner({
    table,
    repeats: new Repeats({
      outcomes,
      host: shared.stageHost,
      bodyOf: (error) => refusals.bodyOf(error),
      goesOn: ({ connection, id }) => id !== undefined && inlets.get(connection)?.hasStream(id) === true,
    }),
    stages: stages.flatMap(inboundPhase),
    dropped,
    deadlines: new MessageDeadlines(options.lateMessages, shared.stageHost),
    late: () => shared.stageHost.count('deadline.late-results'),
    outcomes,
    refusals,
    // platform-ws knows Observables only.
    isStream: options.isCompatible ? isObservableSource : isStreamSource,
    onUnsendable: options.isCompatible ? (error) => logger.error(error) : null,
    startStream: (message, source, handler) => {
      const inlet = inlets.get(message.connection);
      // Of several handlers of one event, the first outcome answers; others are not even subscribed to.
      if (inlet === undefined || (message.id !== undefined && message.isAnswered)) return;
      const fail: StreamSink['failed'] = (failed, error) => {
        handler.fail(error, failed);
        if (failed.id !== undefined)
          refusals.outcome(failed.connection, failed.id, error, { message, phases: handler.outbound });
        else refusals.count(error);
      };
      const stream = new OutcomeStream(message, sink(fail, handler.outbound));
      inlet.addStream(message, stream);
      message.claimAnswer();
      stream.start(source);
    },
  });
  return {
    gate: {
      inboundQueueMessages: options.limits.inboundQueueMessages,
      inboundQueueBytes: options.limits.inboundQueueBytes,
      concurrency: options.concurrency,
      clock,
      counters,
      runner,
      stageHost: shared.stageHost,
    },
    decoder,
    get framePhases() {
      return endpoint.framePhases;
    },
    get watched() {
      return endpoint.received;
    },
    frameDropped: dropped,
    outcomes,
    reliable: new ReliableEmits(shared.stageHost, new DeadLetters(shared.stageHost, endpoint.bindings)),
    acks: shared.acks,
    refusals,
    counters,
    log,
    requestsInFlight: options.limits.requestsInFlight,
    requestMs: options.timeouts.requestMs,
    isCompatible: options.isCompatible,
  };
}
