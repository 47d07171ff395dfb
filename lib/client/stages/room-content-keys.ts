import { ReplayWindow } from '../../exchange/replay-window.js';
import { decodeBase64Url } from '../../primitives/base64url.js';
import { contentEncryption, contentKey } from './sealed-frame.js';
import type { WebKey } from './web-crypto.js';

/** A key that a server has made for all in a room. */
export interface RoomContentKey {
  readonly kid: string;
  readonly key: WebKey;
  readonly received: ReplayWindow;
}

/** Keys of rooms, as they come: of each room the latest, and the one before for what is on its way. */
export class RoomContentKeys {
  readonly #most: number;
  readonly #byRoom = new Map<string, readonly RoomContentKey[]>();
  /** A server that has begun anew counts its keys from the start: the same name may be another key. */
  readonly #bytes = new WeakMap<RoomContentKey, string>();

  /** @param most rooms; the one whose key came first makes room */
  constructor(most: number) {
    this.#most = most;
  }

  find(kid: string | undefined): RoomContentKey | undefined {
    for (const keys of this.#byRoom.values()) for (const key of keys) if (key.kid === kid) return key;
    return undefined;
  }

  /** Takes the data of a `room.key`; what is none is not taken. */
  async learn(data: unknown): Promise<void> {
    const { room, jwk } = (data ?? {}) as { readonly room?: unknown; readonly jwk?: unknown };
    const { kty, k, alg, kid } = (jwk ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof room !== 'string' || typeof kid !== 'string' || typeof k !== 'string') return;
    if (kty !== 'oct' || alg !== contentEncryption) return;
    const before = this.#byRoom.get(room)?.[0];
    // Granted again: what has been received with it stays known.
    if (before?.kid === kid && this.#bytes.get(before) === k) return;
    const made = { kid, key: await contentKey(decodeBase64Url(k), 'decrypt'), received: new ReplayWindow() };
    this.#bytes.set(made, k);
    this.#byRoom.set(room, before === undefined ? [made] : [made, before]);
    if (this.#byRoom.size > this.#most) this.#byRoom.delete(this.#byRoom.keys().next().value as string);
  }
}
