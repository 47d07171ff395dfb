import type { LineStatus } from '../room.js';

const shapes: Record<LineStatus, { readonly path: string; readonly label: string }> = {
  waiting: {
    path: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5.3V8l1.9 1.4',
    label: 'Waiting for the connection',
  },
  sent: { path: 'M3.5 8.5l3 3l6-7', label: 'Sent' },
  delivered: { path: 'M1 8.5l3 3l6-7M7.6 10.4l1.1 1.1l6-7', label: 'Delivered' },
  failed: { path: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5.2v3.4M8 10.7v.2', label: 'Not sent' },
};

const svg = 'http://www.w3.org/2000/svg';

/** How far a message has come: a clock, one tick, two ticks, or an exclamation mark. */
export function statusIcon(status: LineStatus): SVGSVGElement {
  const { path, label } = shapes[status];
  const icon = document.createElementNS(svg, 'svg');
  icon.setAttribute('class', 'ticks');
  icon.setAttribute('viewBox', '0 0 16 16');
  icon.setAttribute('role', 'img');
  icon.setAttribute('aria-label', label);
  icon.append(document.createElementNS(svg, 'title'), document.createElementNS(svg, 'path'));
  icon.children[0]!.textContent = label;
  icon.children[1]!.setAttribute('d', path);
  return icon;
}
