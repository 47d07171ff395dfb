/** From now on the page itself is there without a network. */
export async function keepPage(): Promise<void> {
  const { serviceWorker } = navigator;
  const isControlled = serviceWorker.controller !== null;
  const controlled = new Promise((resolve) => {
    serviceWorker.addEventListener('controllerchange', resolve, { once: true });
  });
  await serviceWorker.register('service-worker.js', { type: 'module' });
  if (isControlled) return;
  // What was loaded before the worker was there it has not seen.
  await controlled;
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
  const fetched = await Promise.allSettled([location.href, ...loaded].map((url) => fetch(url)));
  if (fetched.every(({ status }) => status === 'fulfilled'))
    document.documentElement.dataset['kept'] = 'true';
}
