import type { LoggedMessage, LogPage, LogPosition, LogQuery, Retention } from '../message-log.js';

/** What the thread is asked for, in the order of the calls. */
export type LogAsk =
  | {
      readonly kind: 'append';
      readonly log: string;
      readonly message: LoggedMessage;
      readonly retention: Retention;
      /** Of body and key, as UTF-8. */
      readonly size: number;
      readonly now: number;
    }
  | { readonly kind: 'read'; readonly log: string; readonly query: LogQuery; readonly now: number }
  | { readonly kind: 'remove'; readonly log: string };

export type LogAnswer =
  { readonly position: LogPosition } | { readonly page: LogPage } | { readonly isRemoved: true };
