import { isObservable, type Observable } from 'rxjs';

/** What a handler may return to give several values. */
export type StreamSource = Observable<unknown> | AsyncIterable<unknown>;

/** Whether a returned value is several values in time. */
export function isStreamSource(value: unknown): value is StreamSource {
  if (typeof value !== 'object' || value === null) return false;
  return (
    isObservable(value) ||
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
  );
}

/** Whether it is an Observable. */
export function isObservableSource(value: unknown): value is StreamSource {
  return isObservable(value);
}
