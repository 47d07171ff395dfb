/** A replay that cannot begin or go on: the file is no recording, or none of this version. What the server does is no such error, but part of the report. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
}
