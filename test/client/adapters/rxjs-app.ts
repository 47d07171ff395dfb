/** What a user writes with RxJS, as an Angular component does: the page of adapters.browser.spec.ts. */
export const rxjsApp = `
import { BehaviorSubject, catchError, EMPTY, map, of, scan, startWith, Subject, Subscription, switchMap, tap } from 'rxjs';
import { fromEvent$, request$, room$, status$, stream$ } from 'gatewire/client/rxjs';
import { client } from './client.js';

const subscriptions = new Subscription();
const show = (id, text$) => {
  const line = document.body.appendChild(document.createElement('p'));
  line.id = id;
  subscriptions.add(text$.subscribe((text) => { line.textContent = text; }));
};

const room = new BehaviorSubject(null);
const error = new BehaviorSubject('');
let seen = 0;
show('status', status$(client).pipe(map(({ state }) => state)));
show('news', fromEvent$(client, 'news').pipe(tap(() => seen++), scan((all, data) => [...all, data], []), map((all) => all.join(' '))));
show('prices', room.pipe(
  switchMap((name) => name === null ? EMPTY : room$(client, name).pipe(catchError(({ code }) => { error.next(code); return EMPTY; }))),
  scan((all, { data }) => [...all, data], []),
  map((all) => all.join(' ')),
));
show('room', error);
subscriptions.add(client.on('ask', (data) => data + ' and ' + seen));
globalThis.setRoom = (name) => room.next(name);
globalThis.unmount = () => subscriptions.unsubscribe();
Object.assign(globalThis, { request$, stream$ });
`;
