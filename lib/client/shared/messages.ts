import { type GatewireError, isGatewireError } from '../../protocol/gatewire-error.js';
import type { ErrorBody } from '../../protocol/envelope.js';
import type { ClientStatus, RoomMessage } from '../client-api.js';
import { clientError } from '../outgoing.js';

/** How a message is sent; what of it travels to a worker. */
export interface SharedSendOptions {
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly priority?: 'high' | 'normal' | 'low';
  readonly volatile?: boolean;
  readonly latest?: string;
  readonly timeoutMs?: number | false;
}

/** What a page tells the worker. Ids are the page's own. */
export type PageMessage =
  | { readonly op: 'join' }
  | { readonly op: 'leave' }
  /** The page holds this lock while it lives. */
  | { readonly op: 'holds'; readonly lock: string }
  | {
      readonly op: 'emit' | 'request' | 'stream';
      readonly id: number;
      readonly event: string;
      readonly data: unknown;
      readonly options: SharedSendOptions;
    }
  | { readonly op: 'cancel'; readonly id: number }
  | { readonly op: 'hear' | 'unhear'; readonly event: string }
  /** What its listeners have answered; without either: nothing. */
  | { readonly op: 'answer'; readonly id: number; readonly data?: unknown; readonly error?: ErrorBody }
  | { readonly op: 'subscribe'; readonly id: number; readonly room: string }
  | { readonly op: 'unsubscribe'; readonly id: number }
  | { readonly op: 'history'; readonly id: number; readonly room: string }
  | { readonly op: 'connect'; readonly id: number };

/** What the worker tells a page. */
export type WorkerMessage =
  | { readonly op: 'holds'; readonly lock: string }
  | { readonly op: 'status'; readonly status: ClientStatus; readonly session: string | undefined }
  /** The outcome of what has this id; or one item of a stream. */
  | {
      readonly op: 'outcome';
      readonly id: number;
      readonly data?: unknown;
      readonly error?: ErrorBody;
      readonly more?: boolean;
    }
  /** @param ask the server wants an answer to this */
  | { readonly op: 'event'; readonly event: string; readonly data: unknown; readonly ask?: number }
  | { readonly op: 'published'; readonly id: number; readonly message: RoomMessage }
  | { readonly op: 'open'; readonly resumed: boolean; readonly recovered: boolean }
  | { readonly op: 'gap'; readonly gap: { readonly room?: string } }
  | { readonly op: 'error'; readonly error: ErrorBody };

/** One end of a channel, as browsers and Node have it. */
export interface Port {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  start?(): void;
  /** Newer platforms tell when the other end is gone. */
  addEventListener?(type: 'close', listener: () => void): void;
}

/** An error as it travels: of an error that is none of ours, the message alone. */
export function errorBody(error: unknown): ErrorBody {
  if (!isGatewireError(error))
    return { code: 'INTERNAL', message: error instanceof Error ? error.message : 'the client has failed' };
  const { code, message, details } = error;
  return details === undefined ? { code, message } : { code, message, details };
}

/** Sends it; returns the error when there is something in it that cannot be cloned. */
export function post(port: Port, message: PageMessage | WorkerMessage): GatewireError | undefined {
  try {
    port.postMessage(message);
    return undefined;
  } catch (error) {
    return clientError('BAD_REQUEST', 'the data cannot be passed between page and worker', error);
  }
}
