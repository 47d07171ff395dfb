import type { Server } from 'node:http';
import { createConnectionCounters } from '../connection/connection-counters.js';
import { FlushScheduler } from '../connection/flush-scheduler.js';
import { Heartbeat } from '../connection/heartbeat.js';
import { ErrorCode } from '../protocol/error-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';
import type { ErrorMapper } from '../pipeline/error-body.js';
import type { StageHost } from '../pipeline/middleware.js';
import { type StageSource, toStage } from '../pipeline/stage.js';
import { after, type Clock, systemClock } from '../primitives/clock.js';
import { ThrottledLog } from '../primitives/throttled-log.js';
import { resolveDecodeLimits } from '../protocol/limits.js';
import { selectSubprotocol } from '../protocol/subprotocol.js';
import { MemoryMessageLog } from '../store/memory/memory-message-log.js';
import { WsTransport } from '../transport/ws/ws-transport.js';
import { Admission } from './admission.js';
import { AllRooms } from './all-rooms.js';
import { ConnectionLife } from './connection-life.js';
import { drainConnections } from './drain.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import type { EngineLogger } from './engine-logger.js';
import type { EngineShared } from './engine-shared.js';
import { FrameDecoder, type MessageParser, parseAsPlatformWs } from './frame-decoder.js';
import { GatewireServer } from './gatewire-server.js';
import { HandshakeGate } from './handshake-gate.js';
import { createInletSettings } from './inlet-settings.js';
import { Messenger } from './messenger.js';
import { type EngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './options.js';
import { droppedByStage, OutboundWay } from './outbound-way.js';
import { Outcomes } from './outcomes.js';
import { PeerAcks } from './peer-acks.js';
import { OwnPort } from './own-port.js';
import { Refusals } from './refusals.js';
import { Sessions } from './sessions.js';
import { UpgradeRouter } from './upgrade-router.js';
import { UpgradeTap } from './upgrade-tap.js';

/** What an engine runs in. */
export interface EngineHost {
  readonly logger: EngineLogger;
  readonly clock?: Clock;
  readonly middleware?: readonly StageSource[];
  readonly mapError?: ErrorMapper;
}

/** Where an endpoint is. */
export interface Place extends EndpointOptions {
  /** The application's own HTTP server; null where it has none. */
  readonly httpServer: Server | null;
  /** 0: on `httpServer`. */
  readonly port: number;
  /** May hold parameters and wildcards: `/rooms/:id`. */
  readonly path: string;
}

interface Listening {
  readonly router: UpgradeRouter;
  readonly tap: UpgradeTap;
  /** Where the HTTP server is ours to close. */
  readonly ownPort: OwnPort | null;
  readonly endpoints: Map<string, Endpoint>;
}

/** All endpoints of one application, and what they share. */
export class Engine {
  /** Reaches the connections of all endpoints. */
  readonly server: GatewireServer;
  readonly options: ResolvedEngineOptions;
  readonly #shared: EngineShared;
  readonly #listening = new Map<Server | number, Listening>();
  readonly #lives = new Map<Endpoint, ConnectionLife>();
  #drained: Promise<void> | null = null;

  /** @throws {OptionError} for an option that cannot work */
  constructor(options: EngineOptions, host: EngineHost) {
    this.options = resolveEngineOptions(options);
    this.#shared = createShared(this.options, host);
    const endpoints = (): Iterable<Endpoint> => this.#lives.keys();
    this.server = new GatewireServer(
      new Messenger(this.#shared.messenger, endpoints),
      new AllRooms(endpoints),
      this.#shared,
      endpoints,
    );
  }

  /** What the stages of handlers are made with. */
  get stageHost(): StageHost {
    return this.#shared.stageHost;
  }

  /** Creates or finds the endpoint at a place. */
  endpoint(place: Place): Endpoint {
    const listening = this.#listen(place);
    const existing = listening.endpoints.get(place.path);
    if (existing !== undefined) return existing;
    const endpoint = new Endpoint(place.path, place, this.#shared, () => {
      listening.router.add(place.path, gate);
    });
    const life = new ConnectionLife(endpoint, createInletSettings(endpoint));
    const gate = new HandshakeGate(endpoint, (connection, socket, request) =>
      life.opened(connection, socket, request),
    );
    listening.endpoints.set(place.path, endpoint);
    this.#lives.set(endpoint, life);
    return endpoint;
  }

  /** From now on frames are read by `parser` alone, as with platform-ws. */
  setMessageParser(parser: MessageParser): void {
    this.#shared.decoder.useParser(parser);
  }

  /** Resolves when sessions of earlier processes are here, in their rooms, or the store has failed. Call when all endpoints are there. */
  async ready(): Promise<void> {
    if (this.#lives.size > 0) await this.#shared.sessions?.durable?.ready();
  }

  /** Takes no new connections and closes those there are; resolves when their handlers and disconnect hooks are done, or the time for it is over. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Drains, and lets go of servers and timers. */
  async close(): Promise<void> {
    await this.drain();
    this.#shared.heartbeat.stop();
    const closing = [...this.#listening.values()].map(async ({ tap, ownPort }) => {
      tap.close();
      await ownPort?.close();
    });
    for (const endpoint of this.#lives.keys()) endpoint.transport.close();
    this.#listening.clear();
    await Promise.all(closing);
  }

  async #drain(): Promise<void> {
    for (const { router } of this.#listening.values()) router.shut();
    this.#shared.sessions?.shut();
    const inlets = [...this.#lives.keys()].flatMap((endpoint) => [...endpoint.inlets.values()]);
    const { clock, outcomes, options } = this.#shared;
    const { drainMs, timeouts } = options;
    if (options.isCompatible) for (const { connection } of inlets) connection.terminate();
    await drainConnections(inlets, { clock, outcomes, drainMs, closeMs: timeouts.closeMs });
    // platform-ws does not wait for them.
    if (!options.isCompatible) await this.#settle(drainMs);
    await Promise.all(this.#shared.closeTasks.map((task) => this.#attempt(task)));
    // What handlers and hooks have published last is in it.
    await this.#attempt(() => this.#shared.history.log.close?.());
    await this.#attempt(() => this.#shared.sessions?.durable?.close());
  }

  /** What a stage does at the end is no reason not to end. */
  async #attempt(task: () => void | PromiseLike<void> | undefined): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#shared.logger.error(error);
    }
  }

  /** Waits for hooks and handlers, but not for ever: one that hangs must not keep the process. */
  async #settle(atMostMs: number): Promise<void> {
    const lives = [...this.#lives.values()];
    const { clock, logger } = this.#shared;
    let timer: unknown;
    const isOver = new Promise<boolean>((resolve) => {
      timer = after(clock, atMostMs, () => resolve(true));
    });
    const isSettled = Promise.all(lives.map((life) => life.settled())).then(() => false);
    if (await Promise.race([isSettled, isOver])) {
      const left = lives.reduce((sum, life) => sum + life.unsettled, 0);
      logger.warn(
        `shutdown goes on without ${left} handlers or handleDisconnect hooks that did not end within ${atMostMs} ms`,
      );
    } else clock.clearTimeout(timer);
  }

  #listen({ httpServer, port, path }: Place): Listening {
    const key = port === 0 && httpServer !== null ? httpServer : port;
    let listening = this.#listening.get(key);
    if (listening !== undefined) return listening;
    const { clock, logger, stageHost } = this.#shared;
    const { ownPort: settingsOf, isCompatible, timeouts } = this.options;
    const ownPort =
      typeof key === 'number'
        ? new OwnPort(key, {
            ...settingsOf(key),
            host: stageHost,
            onError: (error) => logger.error(error),
            handshakeMs: timeouts.handshakeMs,
            isSilent: isCompatible && path !== '/*',
          })
        : null;
    const router = new UpgradeRouter(isCompatible);
    const tap = new UpgradeTap(ownPort?.server ?? (key as Server), router, timeouts.handshakeMs, clock);
    listening = { router, tap, ownPort, endpoints: new Map() };
    this.#listening.set(key, listening);
    return listening;
  }
}

function createShared(options: ResolvedEngineOptions, host: EngineHost): EngineShared {
  const { logger, clock = systemClock, middleware = [], mapError = () => undefined } = host;
  const counters = createConnectionCounters();
  const scheduler = new FlushScheduler();
  const log = new ThrottledLog(logger, clock);
  const errorCounts = new Map<string, number>();
  const stageCounts = new Map<string, number>();
  const closeTasks: (() => void | Promise<void>)[] = [];
  const stageHost: StageHost = {
    clock,
    log,
    count: (name, by = 1) => void stageCounts.set(name, (stageCounts.get(name) ?? 0) + by),
    onClose: (task) => void closeTasks.push(task),
  };
  const stages = middleware.map((source) => toStage(source, stageHost));
  const way = new OutboundWay({
    stages,
    onLost: (error) => {
      if (error === droppedByStage) stageHost.count('dropped.outbound');
      // Who has left is told nothing, and that is no error.
      else if (!isGatewireError(error) || error.code !== ErrorCode.Disconnected) log.error('OUTBOUND', error);
    },
  });
  const { fragmentBytes } = options;
  const outcomes = new Outcomes({ way, fragmentBytes, jsonOnly: options.isCompatible });
  const decoder = new FrameDecoder(
    resolveDecodeLimits({ jsonDepth: options.limits.jsonDepth, batchItems: options.limits.batchItems }),
  );
  if (options.isCompatible) decoder.useParser(parseAsPlatformWs);
  return {
    options,
    clock,
    logger,
    log,
    counters,
    errorCounts,
    scheduler,
    heartbeat: new Heartbeat(options.heartbeat, options.timeouts.idleMs, clock, counters),
    admission: new Admission(options.limits),
    stageHost,
    closeTasks,
    stageCounts,
    stages,
    decoder,
    outcomes,
    acks: new PeerAcks(),
    refusals: new Refusals({ outcomes, counts: errorCounts, log, mapError, isSilent: options.isCompatible }),
    history: {
      ...options.history,
      log: options.history.log ?? new MemoryMessageLog(),
      failed: (error) => {
        stageHost.count('history.failed');
        log.error('HISTORY', error);
      },
    },
    sessions: options.session === null ? null : new Sessions(options.session, stageHost, counters),
    messenger: { way, fragmentBytes, scheduler },
    createTransport: (wsOptions, subprotocols) =>
      new WsTransport(
        {
          limits: options.limits,
          closeMs: options.timeouts.closeMs,
          // platform-ws leaves the choice to ws, which takes the first offer.
          selectSubprotocol: options.isCompatible
            ? undefined
            : (offered) => selectSubprotocol(offered, subprotocols),
        },
        wsOptions,
      ),
  };
}
