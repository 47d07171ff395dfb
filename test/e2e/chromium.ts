import { existsSync } from 'node:fs';

/** Chromium without what draws windows: the same engine, and a third of the time. */
const withoutWindows = '/usr/bin/chromium-headless-shell';

/** The machine's Chromium as people have it; `CHROMIUM` names another. Only it has a back/forward cache. */
export const wholeChromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** The machine's Chromium, the quickest there is. */
export const chromiumPath =
  process.env['CHROMIUM'] ?? (existsSync(withoutWindows) ? withoutWindows : wholeChromiumPath);

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
