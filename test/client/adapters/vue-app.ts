/** What a user writes, in Vue: the page of adapters.browser.spec.ts. */
export const vueApp = `
import { createApp, defineComponent, h, ref } from 'vue';
import { clientComposables } from 'gatewire/client/vue';
import { client } from './client.js';

const { provideClient, useEvent, useRoom, useStatus } = clientComposables();

const App = defineComponent(() => {
  const news = ref([]);
  const prices = ref([]);
  const room = ref(null);
  const status = useStatus();
  useEvent('news', (data) => void news.value.push(data));
  useEvent('ask', (data) => data + ' and ' + news.value.length);
  const membership = useRoom(room, ({ data }) => prices.value.push(data));
  globalThis.setRoom = (name) => { room.value = name; };
  return () => h('main', [
    h('p', { id: 'status' }, status.value.state),
    h('p', { id: 'news' }, news.value.join(' ')),
    h('p', { id: 'prices' }, prices.value.join(' ')),
    h('p', { id: 'room' }, membership.value.error?.code ?? String(membership.value.isIn)),
  ]);
});

const app = createApp(App);
provideClient(client, app);
app.mount(document.body.appendChild(document.createElement('div')));
globalThis.unmount = () => app.unmount();
`;
