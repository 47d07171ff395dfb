/** What a user writes, in React: the page of adapters.browser.spec.ts. */
export const reactApp = `
import { createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { clientHooks } from 'gatewire/client/react';
import { client } from './client.js';

const { ClientProvider, useEvent, useRoom, useStatus } = clientHooks();

function App() {
  const [news, setNews] = useState([]);
  const [prices, setPrices] = useState([]);
  const [room, setRoom] = useState(null);
  const { state } = useStatus();
  // Listeners that look at what was rendered last.
  useEvent('news', (data) => setNews([...news, data]));
  useEvent('ask', (data) => data + ' and ' + news.length);
  const { isIn, error } = useRoom(room, ({ data }) => setPrices([...prices, data]));
  globalThis.setRoom = setRoom;
  return h('main', null,
    h('p', { id: 'status' }, state),
    h('p', { id: 'news' }, news.join(' ')),
    h('p', { id: 'prices' }, prices.join(' ')),
    h('p', { id: 'room' }, error ? error.code : String(isIn)),
  );
}

const root = createRoot(document.body.appendChild(document.createElement('div')));
root.render(h(StrictMode, null, h(ClientProvider, { client }, h(App))));
globalThis.unmount = () => root.unmount();
`;
