import { StoreError, type StoreFault } from '../store-error.js';
import { storeErrorOf } from './sqlite-driver.js';

/** Why there is no answer; errors lose their class between threads. */
export interface StoreFailure {
  readonly fault: StoreFault;
  readonly message: string;
}

/** In the place of an answer. */
export interface Failed {
  readonly failure: StoreFailure;
}

/** What a thread tells of an error. */
export function failureOf(error: unknown): StoreFailure {
  const { fault, message } = storeErrorOf(error);
  return { fault, message };
}

/** What a thread has told. */
export function errorOf({ fault, message }: StoreFailure): StoreError {
  return new StoreError(fault, message);
}
