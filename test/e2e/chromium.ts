import { existsSync } from 'node:fs';

/** Chromium without what draws windows: the same engine, and a third of the time. */
const withoutWindows = '/usr/bin/chromium-headless-shell';

/** The machine's Chromium; `CHROMIUM` names another. */
export const chromiumPath =
  process.env['CHROMIUM'] ?? (existsSync(withoutWindows) ? withoutWindows : '/usr/bin/chromium');

/** For a browser in a container: no sandbox of its own, and no calls home. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
