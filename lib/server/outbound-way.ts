import type { PlaceInBacklog } from '../connection/backlog.js';
import type { Connection } from '../connection/connection.js';
import { pass } from '../exchange/pass.js';
import type { OutboundPhase } from '../pipeline/middleware.js';
import type { OutboundFrame } from '../pipeline/outbound-frame.js';
import type { OutboundMessage } from '../pipeline/outbound-message.js';
import type { Stage } from '../pipeline/stage.js';
import { isPromise } from '../primitives/is-promise.js';
import type { Envelope } from '../protocol/envelope.js';
import { type Encoding, encodingOf, type PayloadWay, splitByReceiver } from './encoding.js';
import { type Encoded, frameMessage, type FrameTraits, sendEncoded } from './message-encoder.js';

/** How one message is to be sent, beside what stages see of it. */
export interface Delivery extends FrameTraits {
  /** Sent only to those who can take it at once. */
  readonly isVolatile: boolean;
  /** `data` stands alone in its frame, without an envelope: Nest's answers without an id. */
  readonly isBareValue?: boolean;
  /** Further members of the envelope. */
  readonly extra?: Pick<Envelope, 'room' | 'offset' | 'epoch' | 'more' | 'done'> | undefined;
  /** Told once when a stage has dropped it, or has failed after the caller had gone on. Default: it is counted and logged. */
  readonly lost?: ((error: unknown) => void) | undefined;
}

/** Who receives a message. */
export type Receivers = (visit: (connection: Connection) => void) => void;

/** The place of a message among what is sent meanwhile; null: it goes at once. */
type Place = PlaceInBacklog | null;

type Payload = string | Uint8Array;

/** What all messages of an engine pass. */
export interface OutboundWaySettings {
  /** The module's stages, in order. */
  readonly stages: readonly Stage[];
  /** Told of what a stage has dropped or broken, where nobody waits for it. */
  readonly onLost: (error: unknown) => void;
}

interface Phases {
  /** Run once. */
  readonly shared: readonly OutboundPhase[];
  /** Run for each receiver. */
  readonly own: readonly OutboundPhase[];
}

/** What became of a message that stages have taken away. */
export const droppedByStage = Symbol('dropped by a stage');

/**
 * The way of a message out: outbound stages once, the codec once for each that receivers have, frame stages, frames,
 * queues. Synchronous as long as they all are; a message that is not keeps its place among those sent after it.
 */
export class OutboundWay {
  /** No outbound stage stands in the way: what is emitted may be encoded at once. */
  readonly isBare: boolean;
  readonly #settings: OutboundWaySettings;
  readonly #outbound: readonly Stage[];
  /** Made for the first message: only then are the stages there that a container makes. */
  #phases: Phases | null = null;

  constructor(settings: OutboundWaySettings) {
    this.#settings = settings;
    this.#outbound = settings.stages
      .toReversed()
      .filter(({ middleware }) => middleware.outbound !== undefined);
    this.isBare = this.#outbound.length === 0;
  }

  /**
   * @param first phases before the module's: those of the handler whose outcome it is
   * @throws what a stage or the codec throws before anything was waited for
   */
  send(
    message: OutboundMessage,
    delivery: Delivery,
    receivers: Receivers,
    first: readonly OutboundPhase[] = [],
  ): void {
    const passed = pass(
      first.length === 0 ? this.#split().shared : [...first, ...this.#split().shared],
      message,
      this.#settings.onLost,
    );
    if (isPromise(passed)) return this.#later(passed, message, delivery, receivers);
    if (!passed) return this.#lost(delivery, droppedByStage);
    const variants = new Variants(message, delivery, this.#settings.onLost);
    receivers((connection) => this.#toOne(connection, message, delivery, variants, null));
  }

  /** The same for what no outbound stage is to see: errors about messages that stages have seen. */
  sendPastStages(message: OutboundMessage, delivery: Delivery, receivers: Receivers): void {
    const variants = new Variants(message, delivery, this.#settings.onLost);
    receivers((connection) => {
      if (connection.canSend) this.#encodeFor(connection, delivery, variants, null);
    });
  }

  #split(): Phases {
    if (this.#phases === null) {
      const { shared, own } = splitByReceiver(this.#outbound);
      this.#phases = { shared: shared.map(phaseOf), own: own.map(phaseOf) };
    }
    return this.#phases;
  }

  #later(passed: Promise<boolean>, message: OutboundMessage, delivery: Delivery, receivers: Receivers): void {
    // Who receives it is settled now, and so is its place.
    const places = new Map<Connection, PlaceInBacklog>();
    receivers((connection) => {
      const place = hold(connection, delivery);
      if (place !== undefined) places.set(connection, place);
    });
    const giveUp = (): void => {
      for (const place of places.values()) place.giveUp();
    };
    passed.then(
      (isThrough) => {
        if (!isThrough) {
          giveUp();
          return this.#lost(delivery, droppedByStage);
        }
        const variants = new Variants(message, delivery, this.#settings.onLost);
        for (const [connection, place] of places)
          this.#guarded(delivery, place, () => this.#toOne(connection, message, delivery, variants, place));
      },
      (error: unknown) => {
        giveUp();
        this.#lost(delivery, error);
      },
    );
  }

  #toOne(
    connection: Connection,
    message: OutboundMessage,
    delivery: Delivery,
    variants: Variants,
    place: Place,
  ): void {
    // With a place it was there before a close that came meanwhile, and goes out before the close frame.
    if (place === null && !connection.canSend) return;
    const { own } = this.#split();
    if (own.length === 0) return this.#encodeFor(connection, delivery, variants, place);
    const copy: OutboundMessage = { ...message, target: { kind: 'connection', connection } };
    this.#when(pass(own, copy, this.#settings.onLost), connection, delivery, place, (isThrough, held) => {
      if (isThrough)
        return this.#encodeFor(
          connection,
          delivery,
          new Variants(copy, delivery, this.#settings.onLost),
          held,
        );
      held?.giveUp();
      this.#lost(delivery, droppedByStage);
    });
  }

  #encodeFor(connection: Connection, delivery: Delivery, variants: Variants, place: Place): void {
    const encoding = encodingOf(connection);
    this.#when(variants.of(encoding, connection), connection, delivery, place, (encoded, held) => {
      if (encoded === null) {
        held?.giveUp();
        return this.#lost(delivery, droppedByStage);
      }
      if (held !== null) held.fill('parts' in encoded ? encoded.parts : [encoded.bytes]);
      else if (connection.queue !== null) sendEncoded(connection.queue, encoded, delivery.isVolatile);
      for (const tell of encoding.way.sent) tell(connection, variants.envelope);
    });
  }

  /** Goes on with a result: now, or when it is there, with the place kept from now on. */
  #when<Result>(
    result: Result | Promise<Result>,
    connection: Connection,
    delivery: Delivery,
    place: Place,
    next: (result: Result, place: Place) => void,
  ): void {
    if (!isPromise(result)) return next(result, place);
    const held = place ?? hold(connection, delivery);
    if (held === undefined) return;
    result.then(
      (settled) => this.#guarded(delivery, held, () => next(settled, held)),
      (error: unknown) => {
        held.giveUp();
        this.#lost(delivery, error);
      },
    );
  }

  /** After the caller has gone on there is nobody to throw at. */
  #guarded(delivery: Delivery, place: PlaceInBacklog, work: () => void): void {
    try {
      work();
    } catch (error) {
      place.giveUp();
      this.#lost(delivery, error);
    }
  }

  /** Counts or logs what nobody waits for. */
  lost(error: unknown): void {
    this.#settings.onLost(error);
  }

  #lost(delivery: Delivery, error: unknown): void {
    if (delivery.lost !== undefined) delivery.lost(error);
    else this.lost(error);
  }
}

/** What has been made of one message; most are made in one form only, and cost no map. */
class Made<Key extends object, Value> {
  #firstKey: Key | null = null;
  #first: Value | null | Promise<Value | null> = null;
  #others: Map<Key, Value | null | Promise<Value | null>> | null = null;

  get(key: Key): Value | null | Promise<Value | null> | undefined {
    return key === this.#firstKey ? this.#first : this.#others?.get(key);
  }

  set(key: Key, value: Value | null | Promise<Value | null>): void {
    if (this.#firstKey !== null) {
      (this.#others ??= new Map<Key, Value | null | Promise<Value | null>>()).set(key, value);
      return;
    }
    this.#firstKey = key;
    this.#first = value;
  }
}

/** One message in the forms that its receivers need, each made once. */
class Variants {
  readonly #message: OutboundMessage;
  readonly #delivery: Delivery;
  readonly #late: (error: unknown) => void;
  readonly #payloads = new Made<PayloadWay, Payload>();
  readonly #encoded = new Made<Encoding, Encoded>();
  #envelope: Envelope | null = null;

  constructor(message: OutboundMessage, delivery: Delivery, late: (error: unknown) => void) {
    this.#message = message;
    this.#delivery = delivery;
    this.#late = late;
  }

  get envelope(): Envelope {
    return (this.#envelope ??= envelopeOf(this.#message, this.#delivery));
  }

  /** Null: a frame stage has dropped it. */
  of(encoding: Encoding, connection: Connection): Encoded | null | Promise<Encoded | null> {
    if (encoding.way.own.length > 0) return this.#ownOf(encoding, connection);
    let encoded = this.#encoded.get(encoding);
    if (encoded === undefined) {
      encoded = chain(this.#sharedPayload(encoding.way), (payload) => this.#frame(payload, encoding));
      this.#encoded.set(encoding, encoded);
    }
    return encoded;
  }

  #ownOf(encoding: Encoding, connection: Connection): Encoded | null | Promise<Encoded | null> {
    const message: OutboundMessage = { ...this.#message, target: { kind: 'connection', connection } };
    const own = chain(this.#sharedPayload(encoding.way), (payload) =>
      this.#throughStages(encoding.way.own, payload, encoding.way.codec.name, message),
    );
    return chain(own, (payload) => this.#frame(payload, encoding));
  }

  #sharedPayload(way: PayloadWay): Payload | null | Promise<Payload | null> {
    let payload = this.#payloads.get(way);
    if (payload === undefined) {
      const encoded =
        this.#delivery.isBareValue === true
          ? JSON.stringify(this.#message.data)
          : way.codec.encode(this.envelope);
      payload = this.#throughStages(way.shared, encoded, way.codec.name, this.#message);
      this.#payloads.set(way, payload);
    }
    return payload;
  }

  #throughStages(
    phases: PayloadWay['shared'],
    data: Payload,
    codec: string,
    message: OutboundMessage,
  ): Payload | null | Promise<Payload | null> {
    if (phases.length === 0) return data;
    const isBinary = typeof data !== 'string';
    const frame: OutboundFrame = { data: isBinary ? toBuffer(data) : data, isBinary, codec, message };
    return chain(pass(phases, frame, this.#late), (isThrough) => (isThrough ? payloadOf(frame) : null));
  }

  #frame(payload: Payload, { deflater }: Encoding): Encoded | Promise<Encoded> {
    // What may be dropped must not become part of a context.
    const isKept = deflater?.hasContext !== true || !this.#delivery.isVolatile;
    return frameMessage(payload, this.#delivery, isKept ? deflater : null);
  }
}

/** Stages may give text as bytes: whether it is text is for `isBinary` to say. */
function payloadOf({ data, isBinary }: OutboundFrame): Payload {
  if (typeof data === 'string') return isBinary ? Buffer.from(data) : data;
  return isBinary ? data : data.toString();
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Goes on with what is there, or when it is; null stays null. */
function chain<From, To>(
  from: From | null | Promise<From | null>,
  next: (from: From) => To | null | Promise<To | null>,
): To | null | Promise<To | null> {
  if (isPromise(from)) return from.then((settled) => (settled === null ? null : next(settled)));
  return from === null ? null : next(from);
}

function hold(connection: Connection, { key, droppable }: Delivery): PlaceInBacklog | undefined {
  return connection.canSend ? connection.queue?.hold(key, droppable) : undefined;
}

function phaseOf({ middleware }: Stage): OutboundPhase {
  return (middleware.outbound as OutboundPhase).bind(middleware);
}

/** In the order of PROTOCOL.md, which is also that of the quick ways. */
export function envelopeOf(message: OutboundMessage, { extra }: Pick<Delivery, 'extra'>): Envelope {
  const { id, event, data, meta, error } = message;
  const envelope: Envelope = {};
  if (id !== undefined) envelope.id = id;
  if (event !== undefined) envelope.event = event;
  if (error !== undefined) envelope.error = error;
  // Only an outcome has an end.
  else if (extra?.done !== true || id === undefined) envelope.data = data;
  if (meta !== undefined) envelope.meta = meta;
  return extra === undefined ? envelope : Object.assign(envelope, extra);
}
