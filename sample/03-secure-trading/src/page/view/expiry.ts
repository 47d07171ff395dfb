import { find } from './element.js';

/** How long the token is still good: a clock that runs down, and a bar. */
export class Expiry {
  readonly #clock = find<HTMLElement>('#expiry');
  readonly #bar = find<HTMLProgressElement>('#expiry-bar');
  #expiresAt = 0;

  constructor() {
    setInterval(() => this.#draw(), 500);
  }

  set(expiresAt: number): void {
    this.#expiresAt = expiresAt;
    this.#bar.max = Math.max(1, expiresAt - Date.now());
    this.#draw();
  }

  #draw(): void {
    const leftMs = Math.max(0, this.#expiresAt - Date.now());
    const seconds = Math.ceil(leftMs / 1000);
    this.#clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    this.#bar.value = leftMs;
  }
}
