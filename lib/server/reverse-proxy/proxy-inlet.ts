import type { Connection } from '../../connection/connection.js';
import type { DisconnectReason } from '../../connection/disconnect-reason.js';
import { type HeartbeatPatient, Pulse } from '../../connection/heartbeat.js';
import { CloseCode } from '../../protocol/close-code.js';
import type { SocketListener } from '../../transport/transport-socket.js';
import type { UpstreamSocket } from '../../transport/upstream.js';
import { Inlet, type InletSettings } from '../inlet.js';
import { ClientFrames } from './client-frames.js';
import { FrameLane } from './frame-lane.js';
import type { Passing, PassingClose } from './passing.js';
import type { ProxyEnds } from './proxy-ends.js';
import { UpstreamFrames } from './upstream-frames.js';

/**
 * Joins a client and its upstream: frames in order through the stages of the endpoint, in both directions; a side that
 * takes less than it is sent holds up the other; a close passes through with its code, after all frames before it.
 */
export class ProxyInlet extends Inlet implements SocketListener, HeartbeatPatient {
  readonly pulse: Pulse;
  readonly #settings: InletSettings;
  readonly #ends: ProxyEnds;
  readonly #clientFrames: ClientFrames;
  readonly #toUpstream: FrameLane<Passing>;
  readonly #toClient: FrameLane<Passing>;
  readonly #gone: Promise<void>;
  #begin!: () => void;
  #tellGone!: () => void;
  #hasBegun = false;
  #isClientGone = false;
  #isUpstreamGone = false;

  constructor(connection: Connection, settings: InletSettings, ends: ProxyEnds) {
    super(connection, settings);
    const { socket, upstream, endpoint } = ends;
    this.pulse = new Pulse(endpoint.shared.heartbeat.now);
    this.#settings = settings;
    this.#ends = ends;
    this.#clientFrames = new ClientFrames(connection, settings, ends);
    const upstreamFrames = new UpstreamFrames(connection, ends);
    this.#toUpstream = new FrameLane(
      (item) => ('code' in item ? this.#closeUpstream(item) : this.#clientFrames.carry(item)),
      (isPaused) => (isPaused ? socket.pause() : socket.resume()),
    );
    this.#toClient = new FrameLane(
      (item) => ('code' in item ? this.#closeClient(item) : upstreamFrames.carry(item)),
      (isPaused) => (isPaused ? upstream.pause() : upstream.resume()),
    );
    this.#gone = new Promise((resolve) => (this.#tellGone = resolve));
    // The client may not speak before `handleConnection` is done.
    this.#toUpstream.holdUntil(new Promise<void>((resolve) => (this.#begin = resolve)));
  }

  /** For the heartbeat: the upstream's. */
  get socket(): UpstreamSocket {
    return this.#ends.upstream;
  }

  override open(): void {
    super.open();
    this.#start();
  }

  override received(data: Buffer, isBinary: boolean): void {
    const { counters } = this.#settings;
    counters.messagesReceived++;
    counters.bytesReceived += data.length;
    if (this.connection.state !== 'closing') this.#toUpstream.push({ data, isBinary });
  }

  /** Before the close: resolves when what is on its way has arrived. After it: when the upstream is gone too. */
  override quiesce(): Promise<void> | undefined {
    if (this.#isClientGone) return this.#isUpstreamGone ? undefined : this.#gone;
    const pending = [this.#toUpstream.idle(), this.#toClient.idle()].filter((one) => one !== undefined);
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
  }

  override closed(reason: DisconnectReason): void {
    this.#isClientGone = true;
    this.#clientFrames.close();
    this.#toClient.stop();
    this.#start();
    this.#toUpstream.push({ code: reason.code, reason: reason.reason });
    this.#ends.endpoint.shared.heartbeat.later(this.#closeMs, () => {
      if (!this.#isUpstreamGone) this.socket.terminate();
    });
    super.closed(reason);
  }

  /** @internal The upstream has sent a message. */
  onMessage(data: Buffer, isBinary: boolean): void {
    this.pulse.messageAt = this.#ends.endpoint.shared.heartbeat.now;
    this.#toClient.push({ data, isBinary });
  }

  /** @internal */
  onPong(): void {
    this.#ends.endpoint.shared.heartbeat.pong(this.pulse);
  }

  /** @internal The upstream's; the close follows. */
  onError(error: Error): void {
    const { stageHost, log } = this.#ends.endpoint.shared;
    stageHost.count('proxy.failed');
    log.warn('PROXY', () => `the upstream of connection ${this.connection.id} failed: ${error.message}`);
  }

  /** @internal */
  onClose(code: number, reason: Buffer): void {
    this.#isUpstreamGone = true;
    this.#ends.endpoint.shared.heartbeat.remove(this);
    this.#toUpstream.stop();
    this.#ends.gone();
    this.#tellGone();
    if (this.#isClientGone) return;
    this.#toClient.push({ code, reason: reason.toString() });
    // A client that does not read cannot be told.
    if (this.#toClient.isBusy)
      this.#ends.endpoint.shared.heartbeat.later(this.#closeMs, () => this.connection.terminate());
  }

  /** @internal The upstream gives no sign of life. */
  silent(): void {
    this.socket.terminate();
  }

  /** @internal Whether anybody says anything is for the two ends to care about. */
  idle(): void {
    this.pulse.messageAt = this.#ends.endpoint.shared.heartbeat.now;
  }

  get #closeMs(): number {
    return this.#ends.endpoint.shared.options.timeouts.closeMs;
  }

  #start(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#begin();
    this.#ends.endpoint.shared.heartbeat.add(this);
    this.#ends.upstream.start(this);
  }

  /** As the client has closed; what cannot be said in a close frame (RFC 6455 section 7.4.1) is shown by its absence. */
  #closeUpstream({ code, reason }: PassingClose): void {
    if (code === CloseCode.NoStatusReceived) this.socket.close();
    else if (code === CloseCode.AbnormalClosure || code === CloseCode.TlsHandshake) this.socket.end();
    else this.socket.close(code, reason);
  }

  #closeClient({ code, reason }: PassingClose): void {
    const { stageHost } = this.#ends.endpoint.shared;
    if (code === CloseCode.NoStatusReceived) this.connection.close();
    else if (code === CloseCode.AbnormalClosure || code === CloseCode.TlsHandshake) {
      stageHost.count('proxy.lost');
      this.connection.close(CloseCode.BadGateway, 'the upstream is gone');
    } else this.connection.close(code, reason);
  }
}
