/** Instead of a result: here the libraries must decide. */
export const undecided: unique symbol = Symbol('undecided');

/** Thrown while compiling, and by a validator that turns out to be asynchronous: this class is the libraries' for good. */
export class NotCompilable extends Error {
  override readonly name = 'NotCompilable';
}
