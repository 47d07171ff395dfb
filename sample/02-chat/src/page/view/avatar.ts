import type { Member } from '../../chat/chat-events.js';
import { create } from './element.js';

/** A coloured disc with initials. The colour follows the id, so that two Adas differ. */
export function avatar({ id, name }: Member): HTMLElement {
  const initials = name
    .split(/\s+/u)
    .map((word) => Array.from(word)[0] ?? '')
    .slice(0, 2)
    .join('')
    .toLocaleUpperCase();
  const disc = create('span', 'avatar', initials);
  disc.style.setProperty('--hue', String(hueOf(id)));
  disc.ariaHidden = 'true';
  return disc;
}

function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) % 3600;
  return hash / 10;
}
